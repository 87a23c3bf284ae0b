#!/usr/bin/perl
# libredis-perl against the server on the given port: what a queue's users do with it.
use strict;
use warnings;
use Redis;
use Time::HiRes qw(sleep);

my $port = $ARGV[0];
my $binary = join('', map { chr } 0 .. 255) . "\r\n*1\r\n\$4\r\nPING\r\n";

sub connect_client { return Redis->new(server => "127.0.0.1:$port", encoding => undef) }

sub show { my $value = shift; return !defined $value ? 'undef' : ref $value ? '[' . join(', ', map { show($_) } @$value) . ']' : "'$value'" }

sub check {
    my ($what, $actual, $expected) = @_;
    if (show($actual) ne show($expected)) {
        print "FAILED $what: ", show($actual), ', expected ', show($expected), "\n";
        exit 1;
    }
    print "ok     $what\n";
}

# Runs $wait on a connection of its own in another process, and $feed here once the other one waits.
sub while_waiting {
    my ($client, $wait, $feed) = @_;
    pipe(my $read, my $write) or die "pipe: $!";
    my $child = fork;
    if ($child == 0) {
        my @answer = $wait->(connect_client());
        print {$write} join('|', @answer);
        close $write;
        # Without the clean-up of the parent's connection, which this process holds too.
        kill 'KILL', $$;
    }
    close $write;
    sleep 0.01 until $client->info->{blocked_clients} == 1;
    $feed->();
    my $answer = <$read>;
    waitpid $child, 0;
    return $answer;
}

my $client = connect_client();
$client->flushall;

check('push', $client->lpush('q', 'a', $binary, ''), 3);
check('push at the tail', $client->rpush('q', 'z'), 4);
check('read', [$client->lrange('q', 0, -1)], ['', $binary, 'a', 'z']);

check('move', $client->rpoplpush('q', 'processing'), 'z');
check('move with sides', $client->lmove('q', 'processing', 'RIGHT', 'LEFT'), 'a');
check('move a binary payload', $client->rpoplpush('q', 'processing'), $binary);
check('acknowledge', $client->lrem('processing', 1, $binary), 1);
check('acknowledge again', $client->lrem('processing', 1, $binary), 0);
check('left in processing', [$client->lrange('processing', 0, -1)], ['a', 'z']);
check('pop several', [$client->lpop('processing', 5)], ['a', 'z']);
check('pop nothing', scalar $client->rpop('processing'), undef);

$client->del('q');
my $feed = sub { $client->lpush('q', 'job') };
check('wait with BLPOP', while_waiting($client, sub { shift->blpop('other', 'q', 10) }, $feed), 'q|job');
check('wait with BRPOPLPUSH', while_waiting($client, sub { shift->brpoplpush('q', 'processing', 10) }, $feed), 'job');
check('wait with BLMOVE', while_waiting($client, sub { shift->blmove('q', 'processing', 'LEFT', 'RIGHT', 10) }, $feed), 'job');
check('a wait that ends', scalar $client->blpop('q', 0.05), undef);

my @replies;
$client->rpush('numbers', $_, sub { push @replies, $_[0] }) for 0 .. 999;
$client->wait_all_responses;
check('pipeline', \@replies, [1 .. 1000]);

$client->multi;
$client->rpush('t', 'x');
$client->lrange('t', 0, -1);
$client->llen('t');
check('transaction', [$client->exec], [1, ['x'], 1]);

my $other = connect_client();
$client->watch('t');
$other->rpush('t', 'y');
$client->multi;
$client->lpop('t');
check('a watched key that changed', scalar $client->exec, undef);

$client->set('text', 'v');
eval { $client->lpush('text', 'x') };
check('wrong type', ($@ =~ /WRONGTYPE Operation against a key holding the wrong kind of value/) ? 1 : $@, 1);
eval { $client->nosuch('word') };
check('unknown command', ($@ =~ /ERR unknown command 'nosuch', with args beginning with: 'word' /i) ? 1 : $@, 1);

$client->set('gone', 'v', 'PX', 20000);
check('time to live', $client->ttl('gone') >= 19 ? 1 : 0, 1);
my $cursor = 0;
my @found;
do {
    ($cursor, my $keys) = $client->scan($cursor, 'MATCH', 't*');
    push @found, @$keys;
} while ($cursor);
check('scan', [sort @found], ['t', 'text']);
check('version', substr($client->info->{redis_version}, 0, 1), '7');

$client->config_set('notify-keyspace-events', 'El');
my $listener = connect_client();
my @heard;
my $hear = sub { push @heard, [@_] };
$listener->subscribe('news', $hear);
$listener->psubscribe('__keyevent@0__:*push', $hear);
check('publish', $client->publish('news', 'hello'), 1);
$client->lpush('letters', 'x');
$listener->wait_for_messages(1) while @heard < 2;
check('messages', \@heard,
    [['hello', 'news', 'news'], ['letters', '__keyevent@0__:lpush', '__keyevent@0__:*push']]);
$listener->unsubscribe('news', $hear);
check('nobody listens', $client->publish('news', 'x'), 0);
