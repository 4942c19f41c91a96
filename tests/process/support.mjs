// Starts the real binary on a free port with a data folder of its own, and talks to the playground API.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';

export const binary = process.env.XIEBAN_BINARY ?? 'build/release/xieban';

export function folder() {
  return mkdtempSync(join(tmpdir(), 'xieban-'));
}

/** Runs the binary to its end: {code, stdout, stderr}. */
export function run(args, { input = '', env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (bytes) => (stdout += bytes));
    child.stderr.on('data', (bytes) => (stderr += bytes));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

export class Bot {
  constructor(data, args = []) {
    this.data = data;
    this.args = args;
    this.log = '';
  }

  async start() {
    const listen = this.args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
    this.child = spawn(binary, ['serve', '--data', this.data, ...listen, ...this.args]);
    this.exit = new Promise((resolve) => {
      this.child.on('close', (code, signal) => resolve({ code, signal }));
      this.child.on('error', (error) => resolve({ code: null, signal: error.message }));
    });
    this.url = await new Promise((resolve, reject) => {
      let buffer = '';
      this.child.stdout.on('data', (bytes) => {
        this.log += bytes;
        buffer += bytes;
        const found = /^ready (http:\/\/\S+)$/m.exec(buffer);
        if (found) resolve(found[1]);
        if (buffer.length > 65536) buffer = buffer.slice(-4096);
      });
      this.child.stderr.on('data', (bytes) => (this.log += bytes));
      this.exit.then(({ code, signal }) => reject(new Error(`ended with ${code ?? signal} before it was ready:\n${this.log}`)));
    });
    return this;
  }

  kill(signal = 'SIGKILL') {
    this.child.kill(signal);
    return this.exit;
  }

  async get(path) {
    const answer = await fetch(new URL(path, this.url));
    return { status: answer.status, body: await answer.text(), headers: answer.headers };
  }

  async call(name, body, status = 200) {
    const answer = await fetch(new URL(`playground/api/${name}`, this.url), {
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    assert.equal(answer.status, status, `${name} ${JSON.stringify(body)} answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  }

  say(chat, user, text) {
    return this.call('say', { chat, user, text });
  }
  press(chat, user, message, action, inputs) {
    return this.call('press', inputs ? { chat, user, message, action, inputs } : { chat, user, message, action });
  }
  async messages(query = {}) {
    const search = new URLSearchParams(query).toString();
    return (await this.call(`messages?${search}`)).messages;
  }
  clock(turn) {
    return this.call('clock', turn);
  }
  world() {
    return this.call('world');
  }
}

/** Runs `body` with a bot of its own; ends it and removes its folder. */
export async function withBot(body, { args = [], now } = {}) {
  const data = folder();
  const bot = await new Bot(data, args).start();
  try {
    if (now) await bot.call('reset', { now });
    await body(bot);
  } finally {
    await bot.kill();
    rmSync(data, { recursive: true, force: true });
  }
}

/** The newest message that fits. */
export function last(messages, fits) {
  return messages.filter(fits).sort((a, b) => a.rev - b.rev).at(-1);
}
export function buttons(message) {
  return (message?.card?.buttons ?? []).map((button) => button.action);
}
