<?php
// php-redis against the server on the given port: what a queue's users do with it.

$port = (int)$argv[1];
$binary = implode('', array_map('chr', range(0, 255))) . "\r\n*1\r\n\$4\r\nPING\r\n";

function connect(): Redis {
    global $port;
    $client = new Redis();
    $client->connect('127.0.0.1', $port, 10);
    return $client;
}

function check(string $what, $actual, $expected): void {
    if ($actual === $expected) {
        echo "ok     $what\n";
        return;
    }
    echo "FAILED $what: ", var_export($actual, true), ', expected ', var_export($expected, true), "\n";
    exit(1);
}

// Runs $wait on a connection of its own in another process, and $feed here once the other one waits.
function while_waiting(Redis $client, callable $wait, callable $feed) {
    [$here, $there] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, STREAM_IPPROTO_IP);
    $child = pcntl_fork();
    if ($child === 0) {
        fwrite($there, serialize($wait(connect())));
        fclose($there);
        // Without the clean-up of the parent's connection, which this process holds too.
        posix_kill(getmypid(), SIGKILL);
    }
    fclose($there);
    while ($client->info('clients')['blocked_clients'] != 1) {
        usleep(1000);
    }
    $feed();
    $answer = unserialize(stream_get_contents($here));
    pcntl_waitpid($child, $status);
    return $answer;
}

$client = connect();
$client->flushAll();

check('push', $client->lPush('q', 'a', $binary, ''), 3);
check('push at the tail', $client->rPush('q', 'z'), 4);
check('read', $client->lRange('q', 0, -1), ['', $binary, 'a', 'z']);

check('move', $client->rPopLPush('q', 'processing'), 'z');
check('move with sides', $client->rawCommand('LMOVE', 'q', 'processing', 'RIGHT', 'LEFT'), 'a');
check('move a binary payload', $client->rPopLPush('q', 'processing'), $binary);
check('acknowledge', $client->lRem('processing', $binary, 1), 1);
check('acknowledge again', $client->lRem('processing', $binary, 1), 0);
check('left in processing', $client->lRange('processing', 0, -1), ['a', 'z']);
check('pop several', $client->rawCommand('LPOP', 'processing', '5'), ['a', 'z']);
check('pop nothing', $client->rPop('processing'), false);

$client->del('q');
$feed = fn() => $client->lPush('q', 'job');
check('wait with BLPOP', while_waiting($client, fn($c) => $c->blPop(['other', 'q'], 10), $feed), ['q', 'job']);
check('wait with BRPOPLPUSH', while_waiting($client, fn($c) => $c->bRPopLPush('q', 'processing', 10), $feed), 'job');
check('wait with BLMOVE', while_waiting($client,
    fn($c) => $c->rawCommand('BLMOVE', 'q', 'processing', 'LEFT', 'RIGHT', '10'), $feed), 'job');
check('a wait that ends', $client->blPop(['q'], 1), []);

$pipeline = $client->multi(Redis::PIPELINE);
for ($number = 0; $number < 1000; $number++) {
    $pipeline->rPush('numbers', (string)$number);
}
check('pipeline', $pipeline->exec(), range(1, 1000));

check('transaction', $client->multi()->rPush('t', 'x')->lRange('t', 0, -1)->lLen('t')->exec(), [1, ['x'], 1]);

$other = connect();
$client->watch('t');
$other->rPush('t', 'y');
check('a watched key that changed', $client->multi()->lPop('t')->exec(), false);

$client->set('text', 'v');
check('wrong type', $client->lPush('text', 'x'), false);
check('wrong type in words', rtrim($client->getLastError()), 'WRONGTYPE Operation against a key holding the wrong kind of value');
$client->clearLastError();
check('unknown command', $client->rawCommand('NOSUCH', 'word'), false);
check('unknown command in words', rtrim($client->getLastError()),
    "ERR unknown command 'NOSUCH', with args beginning with: 'word'");

check('time to live', $client->set('gone', 'v', ['px' => 20000]) && $client->ttl('gone') >= 19, true);
$found = [];
$cursor = null;
while (($keys = $client->scan($cursor, 't*')) !== false) {
    array_push($found, ...$keys);
}
sort($found);
check('scan', $found, ['t', 'text']);
check('version', $client->info()['redis_version'][0], '7');

$client->config('SET', 'notify-keyspace-events', 'El');
$heard = [];
$listener = connect();
// psubscribe does not return: what is to be heard is said by a process of its own, and an exception ends the listening.
$speaker = popen(escapeshellarg(PHP_BINARY) . ' -r ' . escapeshellarg('
    $client = new Redis();
    $client->connect("127.0.0.1", ' . $port . ');
    while ($client->rawCommand("PUBSUB", "NUMPAT") !== 2) usleep(1000);
    $client->publish("news", "hello");
    $client->lPush("letters", "x");
'), 'r');
try {
    $listener->psubscribe(['news', '__keyevent@0__:*push'], function ($listener, $pattern, $channel, $message) use (&$heard) {
        $heard[] = [$pattern, $channel, $message];
        if (count($heard) === 2) {
            throw new RuntimeException('heard enough');
        }
    });
} catch (RedisException $enough) {  // in which the client wraps it
    $listener->close();
}
pclose($speaker);
check('messages', $heard,
    [['news', 'news', 'hello'], ['__keyevent@0__:*push', '__keyevent@0__:lpush', 'letters']]);
check('nobody listens', $client->publish('news', 'x'), 0);
