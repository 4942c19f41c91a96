// Feishu's simulator where the official SDK does not lead, and what the control API is on every platform: which bodies and
// addresses are refused, who sees which message, and what the journal keeps to itself.
import test from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { spawn } from 'node:child_process';
import { withSimulator } from '../interop/simulator.mjs';
import { WebSocketClient } from './websocket_client.mjs';

const binary = process.env.XIEBAN_SIM ?? 'build/release/xieban-sim';
const app = { id: 'cli_a81f3c5d7e9b0246', secret: 'sim-app-secret' };
const group = 'oc_all';
const said = { kind: 'message', user: 'ou_han', chat: group, text: '@协办 /帮助', mentions: ['bot'] };
const card = (content) =>
  JSON.stringify({ schema: '2.0', config: { update_multi: true }, header: { title: { tag: 'plain_text', content: '标题' }, template: 'blue' }, body: { elements: [{ tag: 'div', text: { tag: 'plain_text', content } }] } });

/** Runs `body({control, call, api, send, messages, received})`; `to`: base URL of whoever plays the bot. */
async function withFeishu(body, to) {
  await withSimulator(
    'feishu',
    async (url, control) => {
      const call = async (path, content, { method = content === undefined ? 'GET' : 'POST', token } = {}) => {
        const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
        const answer = await fetch(`${url}${path}`, { method, headers, body: content === undefined ? undefined : JSON.stringify(content) });
        return answer.json();
      };
      const { tenant_access_token: own } = await call('/open-apis/auth/v3/tenant_access_token/internal', { app_id: app.id, app_secret: app.secret });
      const api = (path, content, { token = own, ...how } = {}) => call(`/open-apis${path}`, content, { token, ...how });
      const send = (content, { type = 'chat_id', to: receive_id = group, ...how } = {}) =>
        api(`/im/v1/messages?receive_id_type=${type}`, { receive_id, msg_type: 'interactive', content: card(content) }, how);
      const messages = async (query = '') => (await control(`messages?${query}`)).messages;
      const received = async (path) => (await control(`received?path=${encodeURIComponent(path)}`)).requests;
      await body({ control, call, api, send, messages, received });
    },
    { to },
  );
}

test('a message that is dropped silently is taken like any other and can be changed; only its receivers do not see it', async () => {
  await withFeishu(async ({ control, api, send, messages, received }) => {
    const { id } = await control('faults', { do: 'drop_silently', times: 2, match: { path: '/im/v1/messages' } });
    assert.equal((await send('没有令牌', { token: 'nonsense' })).code, 99991663, 'what the platform refuses is refused');
    const { code, data } = await send('丢了');
    assert.equal(code, 0);
    assert.deepEqual((await messages()).map((one) => [one.id, one.version, one.dropped]), [[data.message_id, 1, 'fault']]);
    const calls = (await received('/im/v1/messages')).map((one) => [one.app, one.accepted, one.fault]);
    assert.deepEqual(calls, [['', false, id], ['main', true, id]]);
    assert.equal((await api(`/im/v1/messages/${data.message_id}`, { content: card('改过') }, { method: 'PATCH' })).code, 0);
    assert.deepEqual((await messages()).map((one) => [one.version, one.dropped]), [[2, 'fault']], 'still before nobody');
    assert.equal((await send('到了')).code, 0);
    assert.equal((await messages()).at(-1).dropped, null);
  });
});

test('a bot that was removed from a group hears and says nothing there until it is added again; a dissolved group stays gone', async () => {
  await withFeishu(async ({ control, api, send }) => {
    const change = (kind) => control('events', { kind, chat: group, user: 'ou_han' });
    const state = async () => [(await control('events', said)).deliveries.length, (await send('x')).code, (await api(`/im/v1/chats/${group}`)).code, (await api(`/im/v1/chats/${group}/members?member_id_type=open_id`)).code, (await api('/im/v1/chats')).data.items.length];
    const there = [1, 0, 0, 0, 1];
    assert.deepEqual(await state(), there);
    assert.equal((await change('bot_removed')).deliveries.length, 1, 'the bot is told');
    assert.deepEqual(await state(), [0, 230002, 232011, 232011, 0]);
    await change('bot_added');
    assert.deepEqual(await state(), there);
    await change('chat_dissolved');
    await change('bot_added');
    assert.deepEqual(await state(), [0, 230002, 232009, 232009, 0]);
    assert.equal((await control('world')).chats.length, 1, 'the world still knows it');
    await assert.rejects(control('events', { kind: 'bot_added', chat: 'oc_nowhere', user: 'ou_han' }), /400 .*unknown chat oc_nowhere/);
  });
});

test('events go over the long connection unless the app or the event says webhook', async () => {
  const seen = [];
  const server = http.createServer((request, response) => {
    seen.push(request.url);
    request.resume();
    response.end('{}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await withFeishu(async ({ control }) => {
      const tell = async (more) => (await control('events', { ...said, ...more })).deliveries.map((one) => [one.status, one.acked]);
      assert.deepEqual(await tell(), [[0, false]], 'nobody is connected: it is lost');
      assert.deepEqual(seen, []);
      assert.deepEqual(await tell({ via: 'webhook' }), [[200, true]]);
      const { apps } = await control('world');
      await control('world', { apps: [{ ...apps[0], transport: 'webhook' }] }, 'PUT');
      assert.deepEqual(await tell(), [[200, true]]);
      assert.deepEqual(await tell({ via: 'stream' }), [[0, false]]);
      assert.deepEqual(seen, ['/hook/feishu/main', '/hook/feishu/main']);
    }, `http://127.0.0.1:${server.address().port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
  await withFeishu(({ control }) => assert.rejects(control('events', { ...said, via: 'webhook' }), /400 .*without --to/));
});

test('a connection that is told to go is closed, and another one may come', async () => {
  await withFeishu(async ({ control, call }) => {
    const connect = async () => WebSocketClient.open((await call('/callback/ws/endpoint', { AppID: app.id, AppSecret: app.secret })).data.URL);
    const client = await connect();
    assert.deepEqual(await control('stream', { do: 'disconnect', app: 'main' }), { connections: 1 });
    assert.equal(await client.ends(15_000), true);
    assert.equal(client.frames.at(-1).kind, 'close');
    const next = await connect();
    assert.deepEqual(await control('stream', { do: 'disconnect', app: 'other' }), { connections: 0 });
    next.destroy();
  });
});

test('what one person sees: their own chat and the groups they are in', async () => {
  await withFeishu(async ({ control, send, messages }) => {
    await send('给大家');
    await send('给韩', { type: 'open_id', to: 'ou_han' });
    await send('给李', { type: 'open_id', to: 'ou_li' });
    const texts = async (query) => (await messages(query)).map((one) => /给./.exec(one.text)[0]);
    assert.deepEqual(await texts('user=ou_han'), ['给大', '给韩']);
    assert.deepEqual(await texts(`user=ou_li&chat=${group}`), ['给大']);
    assert.deepEqual(await texts('user=ou_li&chat=p2p_ou_han'), []);
    const { chats } = await control('world');
    await control('world', { chats: [{ ...chats[0], members: ['ou_li'] }] }, 'PUT');
    assert.deepEqual(await texts('user=ou_han'), ['给韩']);
    assert.deepEqual(await texts(''), ['给大', '给韩', '给李']);
  });
});

test('the token in the address of a custom robot is masked in the journal, and the address is found by it', async () => {
  await withFeishu(async ({ control, call, messages, received }) => {
    const { apps } = await control('world');
    const key = 'hook-token-canary';
    await control('world', { apps: [{ ...apps[0], robots: [{ key, chat: group }] }] }, 'PUT');
    assert.equal((await call(`/open-apis/bot/v2/hook/${key}`, { msg_type: 'text', content: { text: '大家好' } })).code, 0);
    assert.equal((await messages()).at(-1).text, '大家好');
    const calls = await received(`/bot/v2/hook/${key}`);
    assert.deepEqual(calls.map((one) => one.path), ['/open-apis/bot/v2/hook/***']);
    assert.ok(!JSON.stringify(calls).includes(key));
  });
});

for (const platform of ['feishu', 'dingtalk', 'wecom']) {
  test(`${platform}: control refuses a body with a member it does not know, and naming the member; reading is GET`, async () => {
    await withSimulator(platform, async (url, control) => {
      const ask = async (path, body, method = 'POST') => {
        const answer = await fetch(`${url}/_sim/${path}`, { method, body: body && JSON.stringify(body) });
        return { status: answer.status, allow: answer.headers.get('allow'), text: await answer.text() };
      };
      const event = { kind: 'chat_dissolved', chat: 'none', user: 'nobody' };
      for (const [path, body, why] of [
        ['events', { ...event, txt: 'x' }, 'unknown member txt'],
        ['events', { ...event, via: 'pigeon' }, 'via is webhook or stream'],
        ['events', [], 'the body is an object'],
        ['events', undefined, 'the body is an object'],
        ['stream', { do: 'close', whom: 'main' }, 'unknown member whom'],
        ['clock', { advance: 'PT1S', by: 'x' }, 'unknown member by'],
        ['clock', { advance: 'PT1S', to: '2026-11-23T09:00:00+08:00' }, 'exactly one of advance and to'],
        ['clock', {}, 'exactly one of advance and to'],
      ]) {
        const { status, text } = await ask(path, body);
        assert.equal(status, 400, `${path} ${JSON.stringify(body)}: ${text}`);
        assert.equal(JSON.parse(text).error.message, why);
      }
      // What belongs to one platform is unknown on the others.
      const own = { events: { feishu: 'department', wecom: 'channel' }, stream: { feishu: 'headers', wecom: 'cmd' } };
      for (const [path, whose] of Object.entries(own)) {
        for (const [owner, member] of Object.entries(whose)) {
          const { text } = await ask(path, { [member]: 'x' });
          assert.equal(text.includes(`unknown member ${member}`), owner !== platform, `${path} ${member}: ${text}`);
        }
      }
      assert.deepEqual(await control('stream', { do: 'close', app: 'main', ms: 1 }), { connections: 0 });
      for (const path of ['received', 'messages']) {
        for (const method of ['POST', 'PUT', 'DELETE']) {
          const { status, allow } = await ask(path, undefined, method);
          assert.deepEqual([status, allow], [405, 'GET'], `${method} ${path}`);
        }
        assert.equal((await ask(path, undefined, 'GET')).status, 200);
      }
    });
  });
}

/** Runs the simulator to its end: {code, stdout, stderr}. */
function ended(listen) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, ['feishu', '--listen', listen]);
    const late = setTimeout(() => child.kill(), 30_000);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (bytes) => (stdout += bytes));
    child.stderr.on('data', (bytes) => (stderr += bytes));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(late);
      resolve({ code, stdout, stderr });
    });
  });
}

test('an address that is none is wrong usage, exit 2; one that is taken cannot be had, exit 3', async () => {
  for (const listen of ['127.0.0.1:abc', '127.0.0.1:80x', '127.0.0.1:', '127.0.0.1:-1', '127.0.0.1:65536', '127.0.0.1:99999999999999999999', '127.0.0.1', 'nowhere:80']) {
    const { code, stdout, stderr } = await ended(listen);
    assert.equal(code, 2, `${listen}: ${stderr}`);
    assert.equal(stdout, '');
    assert.ok(stderr.includes(`not ADDR:PORT: ${listen}\n`), stderr);
    assert.match(stderr, /--help/);
  }
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { code, stderr } = await ended(`127.0.0.1:${server.address().port}`);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /cannot listen/);
  } finally {
    server.close();
  }
});
