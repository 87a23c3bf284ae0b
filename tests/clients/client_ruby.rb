#!/usr/bin/ruby
# ruby-redis against the server on the given port: what a queue's users do with it.

require 'redis'

PORT = ARGV.fetch(0).to_i
BINARY = ((0..255).to_a.pack('C*') + "\r\n*1\r\n$4\r\nPING\r\n".b).freeze

def connect
  Redis.new(host: '127.0.0.1', port: PORT, timeout: 20)
end

def check(what, actual, expected)
  if actual == expected
    puts "ok     #{what}"
  else
    puts "FAILED #{what}: #{actual.inspect}, expected #{expected.inspect}"
    exit 1
  end
end

def error_of
  yield
  'no error'
rescue Redis::CommandError => e
  e.message
end

client = connect
client.flushall

check 'push', client.lpush('q', ['a', BINARY, '']), 3
check 'push at the tail', client.rpush('q', 'z'), 4
check 'read', client.lrange('q', 0, -1).map(&:b), ['', BINARY, 'a', 'z'].map(&:b)

check 'move', client.rpoplpush('q', 'processing'), 'z'
check 'move with sides', client.lmove('q', 'processing', 'RIGHT', 'LEFT'), 'a'
check 'move a binary payload', client.rpoplpush('q', 'processing').b, BINARY
check 'acknowledge', client.lrem('processing', 1, BINARY), 1
check 'acknowledge again', client.lrem('processing', 1, BINARY), 0
check 'left in processing', client.lrange('processing', 0, -1), %w[a z]
check 'pop several', client.lpop('processing', 5), %w[a z]
check 'pop nothing', client.rpop('processing'), nil

client.del('q')
{
  'wait with BLPOP' => [->(c) { c.blpop('other', 'q', timeout: 10) }, %w[q job]],
  'wait with BRPOPLPUSH' => [->(c) { c.brpoplpush('q', 'processing', timeout: 10) }, 'job'],
  'wait with BLMOVE' => [->(c) { c.blmove('q', 'processing', 'LEFT', 'RIGHT', timeout: 10) }, 'job']
}.each do |what, (wait, expected)|
  waiter = Thread.new { wait.call(connect) }
  sleep 0.01 until client.info('clients')['blocked_clients'] == '1'
  client.lpush('q', 'job')
  check what, waiter.value, expected
end
check 'a wait that ends', client.blpop('q', timeout: 1), nil

replies = client.pipelined { |pipeline| 1000.times { |number| pipeline.rpush('numbers', number) } }
check 'pipeline', replies, (1..1000).to_a

replies = client.multi do |transaction|
  transaction.rpush('t', 'x')
  transaction.lrange('t', 0, -1)
  transaction.llen('t')
end
check 'transaction', replies, [1, ['x'], 1]

other = connect
result = client.watch('t') do
  other.rpush('t', 'y')
  client.multi { |transaction| transaction.lpop('t') }
end
check 'a watched key that changed', result, nil

client.set('text', 'v')
check 'wrong type', error_of { client.lpush('text', 'x') },
      'WRONGTYPE Operation against a key holding the wrong kind of value'
check 'unknown command', error_of { client.call('NOSUCH', 'word') }.strip,
      "ERR unknown command 'NOSUCH', with args beginning with: 'word'"

client.set('gone', 'v', px: 20_000)
check 'time to live', client.ttl('gone').between?(19, 20), true
check 'scan', client.scan_each(match: 't*').to_a.sort, %w[t text]
check 'version', client.info['redis_version'][0], '7'

client.config(:set, 'notify-keyspace-events', 'El')
heard = Queue.new
listener = Thread.new do
  connect.psubscribe('news', '__keyevent@0__:*push') do |on|
    on.psubscribe { |pattern, count| heard << ['psubscribe', pattern, count] }
    on.pmessage { |pattern, channel, message| heard << [pattern, channel, message.b] }
  end
end
check 'subscribe', [heard.pop, heard.pop], [['psubscribe', 'news', 1], ['psubscribe', '__keyevent@0__:*push', 2]]
check 'publish', client.publish('news', BINARY), 1
check 'a message', heard.pop, ['news', 'news', BINARY.b]
client.lpush('letters', 'x')
check 'an event', heard.pop, ['__keyevent@0__:*push', '__keyevent@0__:lpush', 'letters'.b]
check 'who listens', client.pubsub('numpat'), 2
listener.kill
listener.join
