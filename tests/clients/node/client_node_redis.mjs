// node-redis against the server on the given port, in RESP2 and RESP3: what a queue's users do with it.
import { createClient, RESP_TYPES } from 'redis';
import { BINARY, check, errorOf, whileWaiting } from './check.mjs';

const port = Number(process.argv[2]);

for (const RESP of [2, 3]) {
  const connect = async () => {
    const made = createClient({ url: `redis://127.0.0.1:${port}`, RESP });
    made.on('error', (error) => check('no error', error.message, ''));
    return made.connect();
  };
  const client = await connect();
  const buffers = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const waiter = await connect();
  const told = (what, actual, expected) => check(`RESP${RESP} ${what}`, actual, expected);
  await client.flushAll();

  told('push', await client.lPush('q', ['a', BINARY, '']), 3);
  told('push at the tail', await client.rPush('q', 'z'), 4);
  told('read', await buffers.lRange('q', 0, -1), [Buffer.from(''), BINARY, Buffer.from('a'), Buffer.from('z')]);

  told('move', await client.rPopLPush('q', 'processing'), 'z');
  told('move with sides', await client.lMove('q', 'processing', 'RIGHT', 'LEFT'), 'a');
  told('move a binary payload', await buffers.rPopLPush('q', 'processing'), BINARY);
  told('acknowledge', await client.lRem('processing', 1, BINARY), 1);
  told('acknowledge again', await client.lRem('processing', 1, BINARY), 0);
  told('left in processing', await client.lRange('processing', 0, -1), ['a', 'z']);
  told('pop several', await client.lPopCount('processing', 5), ['a', 'z']);
  told('pop nothing', await client.rPop('processing'), null);

  await client.del('q');
  const info = () => client.info('clients');
  const feed = () => client.lPush('q', 'job');
  const popped = await whileWaiting(info, () => waiter.blPop(['other', 'q'], 10), feed);
  told('wait with BLPOP', [popped.key, popped.element], ['q', 'job']);
  told('wait with BRPOPLPUSH', await whileWaiting(info, () => waiter.brPopLPush('q', 'processing', 10), feed), 'job');
  told('wait with BLMOVE', await whileWaiting(info, () => waiter.blMove('q', 'processing', 'LEFT', 'RIGHT', 10), feed), 'job');
  told('a wait that ends', await waiter.blPop('q', 0.05), null);

  const replies = Array.from({ length: 1000 }, (_, number) => client.rPush('numbers', String(number)));
  told('pipeline', await Promise.all(replies), Array.from({ length: 1000 }, (_, number) => number + 1));

  told('transaction', await client.multi().rPush('t', 'x').lRange('t', 0, -1).lLen('t').exec(), [1, ['x'], 1]);

  await client.watch('t');
  await waiter.rPush('t', 'y');
  told('a watched key that changed', (await errorOf(client.multi().lPop('t').exec())) !== 'no error', true);

  await client.set('text', 'v');
  told('wrong type', await errorOf(client.lPush('text', 'x')),
    'WRONGTYPE Operation against a key holding the wrong kind of value');
  told('unknown command', await errorOf(client.sendCommand(['NOSUCH', 'word'])),
    "ERR unknown command 'NOSUCH', with args beginning with: 'word'");

  await client.set('gone', 'v', { PX: 20000 });
  told('time to live', (await client.ttl('gone')) >= 19, true);
  const found = [];
  for await (const keys of client.scanIterator({ MATCH: 't*' })) found.push(...keys);
  told('scan', found.sort(), ['t', 'text']);
  told('version', /redis_version:7\./.test(await client.info()), true);

  await client.configSet('notify-keyspace-events', 'El');
  const listener = await client.duplicate().connect();
  const heard = [];
  const next = async () => {
    while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    return heard.shift();
  };
  await listener.subscribe('news', (message, channel) => heard.push([channel.toString(), message]), true);
  await listener.pSubscribe('__keyevent@0__:*push', (message, channel) => heard.push([channel, message]));
  await listener.sSubscribe('shard', (message, channel) => heard.push([channel, message]));
  told('publish', await client.publish('news', BINARY), 1);
  told('a message', await next(), ['news', BINARY]);
  await client.lPush('letters', 'x');
  told('an event', await next(), ['__keyevent@0__:lpush', 'letters']);
  told('publish to a shard channel', await client.sPublish('shard', 'm'), 1);
  told('a message of a shard channel', await next(), ['shard', 'm']);
  // By name: it waits for ever for the answer to leaving all, whatever the server.
  await listener.unsubscribe('news');
  await listener.pUnsubscribe('__keyevent@0__:*push');
  await listener.sUnsubscribe('shard');
  told('nobody listens', await client.publish('news', 'x'), 0);
  await listener.close();

  await client.close();
  await waiter.close();
}
