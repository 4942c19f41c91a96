// The WeCom simulator for tests that speak to it by hand: started, controlled, called; and its cryptography, written once more.
import assert from 'node:assert/strict';
import http from 'node:http';
import { spawn } from 'node:child_process';
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocketClient } from './websocket_client.mjs';

const simulator = process.env.XIEBAN_SIM ?? 'build/release/xieban-sim';
export const corp = 'wwsim0a1b2c3d4e5f6';
export const agent = 1000027;
export const secret = 'sim-app-secret';
export const group = 'wrkSimGroup01';
export const app = { token: 'SimAppToken', aesKey: 'c2ltLWFwcC1rZXktZm9yLXRlc3RzLW9ubHktMDEyMz5', receiveId: corp };
export const bot = { token: 'SimBotToken', aesKey: 'c2ltLWJvdC1rZXktZm9yLXRlc3RzLW9ubHktMDEyMz4', receiveId: '', id: 'aibSim0Bot', secret: 'sim-bot-secret' };

export function signature(token, timestamp, nonce, encrypt) {
  return createHash('sha1').update([token, timestamp, nonce, encrypt].sort().join('')).digest('hex');
}
export function open({ aesKey, receiveId }, encrypt) {
  const key = Buffer.from(`${aesKey}=`, 'base64');
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(encrypt, 'base64'), decipher.final()]);
  const padding = plain.at(-1);
  assert.ok(padding >= 1 && padding <= 32, 'padded to 32');
  const length = plain.readUInt32BE(16);
  assert.equal(plain.subarray(20 + length, plain.length - padding).toString(), receiveId, 'the receive id at the end');
  return plain.subarray(20, 20 + length).toString();
}
export function seal({ aesKey, receiveId }, text) {
  const key = Buffer.from(`${aesKey}=`, 'base64');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text));
  const plain = Buffer.concat([Buffer.from('abcdefghijklmnop'), length, Buffer.from(text + receiveId)]);
  const padding = 32 - (plain.length % 32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(Buffer.concat([plain, Buffer.alloc(padding, padding)])), cipher.final()]).toString('base64');
}
export function passive(xml, { signed = true, keys = app } = {}) {
  const encrypt = seal(keys, xml);
  const sign = signed ? signature(keys.token, '1788231008', 'n0nce', encrypt) : 'f'.repeat(40);
  return `<xml><Encrypt><![CDATA[${encrypt}]]></Encrypt><MsgSignature><![CDATA[${sign}]]></MsgSignature><TimeStamp>1788231008</TimeStamp><Nonce><![CDATA[n0nce]]></Nonce></xml>`;
}
/** The encrypted answer of a smart bot to the callback that is `seen`. */
export function botAnswer(seen, body, { nonce, keys = bot } = {}) {
  const own = nonce ?? new URL(seen.url, 'http://x').searchParams.get('nonce');
  const encrypt = seal(keys, JSON.stringify(body));
  return JSON.stringify({ encrypt, msgsignature: signature(keys.token, '1788232156', own, encrypt), timestamp: 1788232156, nonce: own });
}
/** The one element of that name. */
export function element(xml, name) {
  return new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([\\s\\S]*?)(?:\\]\\]>)?</${name}>`).exec(xml)?.[1];
}
/** What a webhook brought, verified: XML text of the app or an object of the bot. */
export function opened(seen) {
  const url = new URL(seen.url, 'http://x');
  const query = url.searchParams;
  const ofBot = url.pathname.endsWith('/bot');
  const keys = ofBot ? bot : app;
  const encrypt = ofBot ? JSON.parse(seen.body).encrypt : element(seen.body, 'Encrypt');
  assert.equal(query.get('msg_signature'), signature(keys.token, query.get('timestamp'), query.get('nonce'), encrypt));
  const plain = open(keys, encrypt);
  return ofBot ? JSON.parse(plain) : plain;
}

export const card = (task, more = {}) => ({
  card_type: 'button_interaction',
  main_title: { title: '协作请求', desc: '来自 市场部' },
  task_id: task,
  button_list: [
    { text: '接受', style: 1, key: 'accept:1' },
    { text: '拒绝', style: 3, key: 'reject:1' },
  ],
  ...more,
});

export class Sim {
  async start(to = '') {
    this.child = spawn(simulator, ['wecom', '--listen', '127.0.0.1:0', ...(to ? ['--to', to] : [])]);
    this.url = await new Promise((resolve, reject) => {
      this.child.stdout.on('data', (bytes) => {
        const found = /ready (http:\S+)\//.exec(String(bytes));
        if (found) resolve(found[1]);
      });
      this.child.on('close', (code) => reject(new Error(`the simulator ended with ${code}`)));
    });
  }
  async control(path, body, method = body === undefined ? 'GET' : 'POST') {
    const answer = await fetch(`${this.url}/_sim/${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} ${JSON.stringify(body)}: ${text}`);
    return JSON.parse(text);
  }
  event(what) {
    return this.control('events', what);
  }
  limits(limits) {
    return this.control('world', { limits }, 'PUT');
  }
  later(advance) {
    return this.control('clock', { advance });
  }
  async change(part, change) {
    const { apps } = await this.control('world');
    await this.control('world', { apps: [{ ...apps[0], [part]: { ...apps[0][part], ...change } }] }, 'PUT');
  }
  async person(id, change) {
    const { people } = await this.control('world');
    await this.control('world', { people: people.map((one) => (one.id === id ? { ...one, ...change } : one)) }, 'PUT');
  }
  async messages(query = '') {
    return (await this.control(`messages?${query}`)).messages;
  }
  async last(query = '') {
    return (await this.messages(query)).at(-1);
  }
  async received(path) {
    return (await this.control(`received?path=${encodeURIComponent(path)}`)).requests;
  }
  async call(path, body, { method = body === undefined ? 'GET' : 'POST', token = this.token } = {}) {
    const target = token ? `${path}${path.includes('?') ? '&' : '?'}access_token=${token}` : path;
    const answer = await fetch(this.url + target, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, ...(text.startsWith('{') ? JSON.parse(text) : { text }) };
  }
  async login() {
    this.token = (await this.call(`/cgi-bin/gettoken?corpid=${corp}&corpsecret=${secret}`, undefined, { token: '' })).access_token;
  }
  send(content, more = {}) {
    return this.call('/cgi-bin/message/send', { touser: 'han.mei', agentid: agent, msgtype: 'text', text: { content }, ...more });
  }
  sendCard(template_card, more = {}) {
    return this.call('/cgi-bin/message/send', { touser: 'han.mei', agentid: agent, msgtype: 'template_card', template_card, ...more });
  }
  /** A smart bot's connection: `frames` pushed to it, `ask()` sends one and answers with its ack. */
  async socket({ subscribe = true, ...credentials } = {}) {
    const client = await WebSocketClient.open(this.url.replace('http', 'ws') + '/');
    const waiting = new Map();
    let count = 0;
    client.pushed = [];
    client.raw = [];
    client.onMessage = (text) => {
      client.raw.push(text);
      let frame;
      try {
        frame = JSON.parse(text);
      } catch {
        return;
      }
      if (frame.cmd) client.pushed.push(frame);
      else waiting.get(frame.headers.req_id)?.(frame);
    };
    client.ask = (cmd, body, req_id = `${cmd}_${++count}`, within = 15_000) => {
      const ack = new Promise((resolve) => waiting.set(req_id, resolve));
      client.send(JSON.stringify({ cmd, headers: { req_id }, ...(body && { body }) }));
      return Promise.race([ack, pause(within, null, { ref: false })]);
    };
    client.code = async (...args) => (await client.ask(...args))?.errcode;
    client.next = async (count = client.pushed.length + 1) => {
      await until(() => client.pushed.length >= count, `${count} pushed frames`);
      return client.pushed[count - 1];
    };
    if (subscribe) assert.equal(await client.code('aibot_subscribe', { bot_id: bot.id, secret: bot.secret, ...credentials }), 0);
    return client;
  }
}

/** `answers(seen)` plays the bot: {status, body, after} in ms. */
export async function withSim(body, answers) {
  const sim = new Sim();
  const seen = [];
  const server = answers && http.createServer((request, response) => {
    let text = '';
    request.on('data', (bytes) => (text += bytes));
    request.on('end', async () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body: text });
      const { status = 200, body: reply = '', after = 0 } = answers(seen.at(-1)) ?? {};
      if (after) await pause(after, undefined, { ref: false });
      response.writeHead(status).end(reply);
    });
  });
  if (server) await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A kept connection is not closed under the simulator's next call.
  if (server) server.keepAliveTimeout = 0;
  await sim.start(server ? `http://127.0.0.1:${server.address().port}` : '');
  try {
    await sim.login();
    await body(sim, seen);
  } finally {
    sim.child.kill();
    server?.close();
    server?.closeAllConnections();
  }
}
export async function until(holds, what, within = 30_000) {
  const end = performance.now() + within;
  while (!(await holds())) {
    assert.ok(performance.now() < end, `never: ${what}`);
    await pause(10);
  }
}
