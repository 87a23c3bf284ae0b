// Shared by the two clients of npm: one line for each thing that is checked, exit code 1 at the first mismatch.
import { isDeepStrictEqual, inspect } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';

export const BINARY = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.from('\r\n*1\r\n$4\r\nPING\r\n'),
]);

export function check(what, actual, expected) {
  if (!isDeepStrictEqual(actual, expected)) {
    console.log(`FAILED ${what}: ${inspect(actual)}, expected ${inspect(expected)}`);
    process.exit(1);
  }
  console.log(`ok     ${what}`);
}

export async function errorOf(promise) {
  try {
    await promise;
    return 'no error';
  } catch (error) {
    return error.message.trim();
  }
}

// Starts to wait on `waiter`, feeds once the server counts a blocked client, and returns what the waiting got.
export async function whileWaiting(info, wait, feed) {
  const answer = wait();
  while (!(await info()).includes('blocked_clients:1\r\n')) await sleep(5);
  await feed();
  return answer;
}
