// SIGTERM: an orderly end within ten seconds, whatever hangs meanwhile, and nothing is lost by it.
import test from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import { drained, eventually } from './dingtalk_support.mjs';
import { people, withCompany } from './feishu_support.mjs';

/** A client that has sent half of what it announced, and waits. */
function halfABody(url) {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  socket.on('error', () => {});
  return new Promise((resolve) => socket.on('connect', () => socket.write('POST /hook/feishu/main HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf', () => resolve(socket))));
}

test('SIGTERM with half a body received and a call that hangs: 0 within ten seconds, and what hung is said after the next start, once', async () => {
  await withCompany(async (company) => {
    const messages = '/im/v1/messages';
    const { id } = await company.fault({ match: { path: messages }, times: -1, do: 'hang' });
    const client = await halfABody(company.bot.url);
    await company.say('韩梅梅', '/帮助', { chat: 'private' });
    await eventually(async () => (await company.received(messages)).length > 0, 'the call that hangs');
    const began = performance.now();
    const ended = await company.bot.kill('SIGTERM');
    const took = performance.now() - began;
    client.destroy();
    assert.deepEqual(ended, { code: 0, signal: null }, company.bot.log.slice(-3000));
    assert.ok(took < 10_000, `${took} ms`);
    assert.doesNotMatch(company.bot.log, /service\.end_forced/, 'in order');

    await company.control(`faults/${id}`, undefined, 'DELETE');
    await company.startBot();
    const toHer = (one) => one.to === people['韩梅梅'][1];
    await company.until(toHer, { what: 'the answer', within: 120_000 });
    await drained(company);
    assert.equal((await company.messages()).filter(toHer).length, 1);
  });
});

test('SIGTERM with nothing under way: at once', async () => {
  await withCompany(async (company) => {
    const began = performance.now();
    assert.deepEqual(await company.bot.kill('SIGTERM'), { code: 0, signal: null });
    // Connections would be given five seconds and a half, calls eight.
    assert.ok(performance.now() - began < 5000, 'nobody waits for the whole time');
  });
});
