// Bytes and texts that mean harm, against the real binary. (T33, T35, T36, T46, T47, T48)
import test from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import { readFileSync } from 'node:fs';
import { last, withBot } from './support.mjs';

function raw(url, chunks, { timeout = 8000 } = {}) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = net.connect(Number(port), hostname);
    let text = '';
    const timer = setTimeout(() => socket.destroy(), timeout);
    socket.on('data', (bytes) => (text += bytes));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
    socket.on('connect', async () => {
      try {
        for (const chunk of chunks) if (!socket.destroyed) socket.write(chunk);
      } catch (error) {
        reject(error);
      }
    });
  });
}
const memory = (bot) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${bot.child.pid}/status`, 'utf8'))[1]);

test('oversized and smuggled requests are refused, and memory stays', async () => {
  await withBot(async (bot) => {
    await bot.world();
    const before = memory(bot);
    const post = 'POST /playground/api/say HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';
    assert.match(await raw(bot.url, [`${post}Content-Length: 1073741824\r\n\r\n`]), /^HTTP\/1\.1 413/);
    const megabyte = 'x'.repeat(1 << 20);
    assert.match(await raw(bot.url, [`${post}Transfer-Encoding: chunked\r\n\r\n`, ...Array.from({ length: 4 }, () => `100000\r\n${megabyte}\r\n`)]), /^HTTP\/1\.1 413/);
    assert.match(await raw(bot.url, [`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Big: ${megabyte}\r\n\r\n`]), /^HTTP\/1\.1 431/);
    assert.match(await raw(bot.url, [`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${'X-Many: 1\r\n'.repeat(10000)}\r\n`]), /^HTTP\/1\.1 431/);
    for (const head of ['Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', 'Content-Length: 5\r\nContent-Length: 6\r\n', 'Transfer-Encoding: chunked\r\nX: a\r\n folded\r\n']) {
      const answer = await raw(bot.url, [`${post}${head}\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`]);
      assert.match(answer, /^HTTP\/1\.1 400/, head);
      assert.equal(answer.match(/HTTP\/1\.1/g).length, 1, `nothing after it is answered: ${head}`);
    }
    assert.ok(memory(bot) - before < 10 * 1024, `memory grew by ${memory(bot) - before} KiB`);
    assert.equal((await bot.get('healthz')).body, 'ok');
  });
});

test('bodies that are not what they say are refused with a code', async () => {
  await withBot(async (bot) => {
    const world = await bot.world();
    const post = async (body, type = 'application/json') => {
      const answer = await fetch(new URL('playground/api/say', bot.url), { method: 'POST', headers: { 'content-type': type }, body });
      const text = await answer.text();
      return [answer.status, text ? JSON.parse(text).error.code : ''];
    };
    for (const body of ['', '{', '[]', 'null', '"x"', '{"chat":1e999}', '['.repeat(100000), '\ufeff{}', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])]) {
      const [status] = await post(body);
      assert.equal(status, 400);
    }
    const good = { chat: world.chats[0].id, user: world.people[0].id, text: '/帮助' };
    assert.deepEqual(await post(JSON.stringify({ ...good, surprise: 1 })), [400, 'bad_field']);
    assert.deepEqual(await post(JSON.stringify({ ...good, chat: 'nowhere' })), [404, 'unknown_chat']);
    assert.deepEqual(await post(JSON.stringify({ ...good, user: 'nobody' })), [404, 'unknown_user']);
    assert.equal((await post(JSON.stringify(good), 'text/plain'))[0], 415);
    assert.deepEqual(await post(JSON.stringify({ ...good, text: 'x'.repeat(2 << 20) })), [413, 'too_large']);
  });
});

test('what a person typed stays text: no mention, no forged log line, no secret', async () => {
  await withBot(async (bot) => {
    const world = await bot.world();
    const chat = world.chats[0].id;
    const evil = '<at user_id="all"></at> @所有人 [点我](http://evil.example) {"tag":"button"} <script>alert(1)</script> 注入';
    const raised = await bot.say(chat, world.people[0].id, `/发起 ${evil} 给技术部 截止 后天18点`);
    const live = last(raised.messages, (one) => one.chat === chat && one.kind === 'card');
    assert.ok(live, 'raised all the same');
    const short = String(Number(live.request.slice(-4)));
    assert.ok(live.text.includes('<script>alert(1)</script>'), 'shown literally');
    const canary = 'canary-5f1c';
    await bot.say(chat, world.people[0].id, `/备注 ${short} 第一行\n{"level":"error","event":"forged.record"}\n${canary}`);
    const everyone = await bot.messages();
    for (const one of everyone.filter((message) => message.from === 'bot' && message.request === live.request)) {
      assert.ok(one.mentions.length <= 3, `no mass mention: ${one.mentions}`);
    }
    const lines = bot.log.split('\n').filter((line) => line && !line.startsWith('ready '));
    for (const line of lines) {
      const record = JSON.parse(line);
      assert.notEqual(record.event, 'forged.record');
    }
    assert.ok(!bot.log.includes(canary), 'no message text in the log');
    assert.ok(!(await bot.get('metrics')).body.includes(canary));
  });
});
