// ioredis against the server on the given port: what a queue's users do with it.
import Redis from 'ioredis';
import { BINARY, check, errorOf, whileWaiting } from './check.mjs';

const port = Number(process.argv[2]);
const client = new Redis(port, '127.0.0.1');
const waiter = new Redis(port, '127.0.0.1');
await client.flushall();

check('push', await client.lpush('q', 'a', BINARY, ''), 3);
check('push at the tail', await client.rpush('q', 'z'), 4);
check('read', await client.lrangeBuffer('q', 0, -1), [Buffer.from(''), BINARY, Buffer.from('a'), Buffer.from('z')]);

check('move', await client.rpoplpush('q', 'processing'), 'z');
check('move with sides', await client.lmove('q', 'processing', 'RIGHT', 'LEFT'), 'a');
check('move a binary payload', await client.rpoplpushBuffer('q', 'processing'), BINARY);
check('acknowledge', await client.lrem('processing', 1, BINARY), 1);
check('acknowledge again', await client.lrem('processing', 1, BINARY), 0);
check('left in processing', await client.lrange('processing', 0, -1), ['a', 'z']);
check('pop several', await client.lpop('processing', 5), ['a', 'z']);
check('pop nothing', await client.rpop('processing'), null);

await client.del('q');
const info = () => client.info('clients');
const feed = () => client.lpush('q', 'job');
check('wait with BLPOP', await whileWaiting(info, () => waiter.blpop('other', 'q', 10), feed), ['q', 'job']);
check('wait with BRPOPLPUSH', await whileWaiting(info, () => waiter.brpoplpush('q', 'processing', 10), feed), 'job');
check('wait with BLMOVE', await whileWaiting(info, () => waiter.blmove('q', 'processing', 'LEFT', 'RIGHT', 10), feed), 'job');
check('a wait that ends', await waiter.blpop('q', 0.05), null);

const pipeline = client.pipeline();
for (let number = 0; number < 1000; number++) pipeline.rpush('numbers', number);
check('pipeline', await pipeline.exec(), Array.from({ length: 1000 }, (_, number) => [null, number + 1]));

const done = await client.multi().rpush('t', 'x').lrange('t', 0, -1).llen('t').exec();
check('transaction', done, [[null, 1], [null, ['x']], [null, 1]]);

await client.watch('t');
await waiter.rpush('t', 'y');
check('a watched key that changed', await client.multi().lpop('t').exec(), null);

await client.set('text', 'v');
check('wrong type', await errorOf(client.lpush('text', 'x')),
  'WRONGTYPE Operation against a key holding the wrong kind of value');
check('unknown command', await errorOf(client.call('NOSUCH', 'word')),
  "ERR unknown command 'NOSUCH', with args beginning with: 'word'");

await client.set('gone', 'v', 'PX', 20000);
check('time to live', (await client.ttl('gone')) >= 19, true);
const found = [];
for await (const keys of client.scanStream({ match: 't*' })) found.push(...keys);
check('scan', found.sort(), ['t', 'text']);
check('version', /redis_version:7\./.test(await client.info()), true);

await client.config('SET', 'notify-keyspace-events', 'El');
const listener = new Redis(port, '127.0.0.1');
const heard = [];
const next = async () => {
  while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  return heard.shift();
};
listener.on('messageBuffer', (channel, message) => heard.push([channel.toString(), message]));
listener.on('pmessage', (pattern, channel, message) => heard.push([pattern, channel, message]));
check('subscribe', await listener.subscribe('news'), 1);
check('subscribe to a pattern', await listener.psubscribe('__keyevent@0__:*push'), 2);
check('publish', await client.publish('news', BINARY), 1);
check('a message', await next(), ['news', BINARY]);
await client.lpush('letters', 'x');
check('an event', await next(), ['__keyevent@0__:*push', '__keyevent@0__:lpush', 'letters']);
check('unsubscribe', [await listener.unsubscribe('news'), await listener.punsubscribe('__keyevent@0__:*push')], [1, 0]);
check('asks again', await listener.get('nothing'), null);
check('nobody listens', await client.publish('news', 'x'), 0);

listener.disconnect();
client.disconnect();
waiter.disconnect();
