// A company on Feishu: the simulator of the platform and the real binary, wired to each other.
import { createCipheriv, createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import net from 'node:net';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Bot, binary, folder } from './support.mjs';

export const simulator = process.env.XIEBAN_SIM ?? 'build/release/xieban-sim';

export const credentials = {
  id: 'main',
  app_id: 'cli_a81f3c5d7e9b0246',
  app_secret: 'sim-app-secret-canary',
  encrypt_key: 'sim-encrypt-key-canary',
  verification_token: 'sim-verification-token-canary',
  bot_name: '协办',
};
/** {type, event} in its envelope. */
export function envelope(event, { token = credentials.verification_token, app = credentials.app_id, id = 'ev_test' } = {}) {
  const header = { event_id: id, event_type: event.type, create_time: String(Date.now()), token, app_id: app, tenant_key: 'sim' };
  return { schema: '2.0', header, event: event.event };
}
/** An event as the platform posts it: encrypted and signed. `how` names what a forger gets wrong. */
export function sealed(event, how = {}) {
  const { key = credentials.encrypt_key, signingKey = key, timestamp = String(Math.floor(Date.now() / 1000)) } = how;
  const plain = JSON.stringify(envelope(event, how));
  const iv = Buffer.alloc(16, 7);
  const cipher = createCipheriv('aes-256-cbc', createHash('sha256').update(key).digest(), iv);
  const bytes = Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final()]);
  const body = JSON.stringify({ encrypt: (how.damage ? how.damage(bytes) : bytes).toString('base64') });
  const signature = createHash('sha256').update(timestamp + 'nonce' + signingKey + body).digest('hex');
  return { body, headers: { 'content-type': 'application/json', 'x-lark-request-timestamp': timestamp, 'x-lark-request-nonce': 'nonce', 'x-lark-signature': signature } };
}
/** Gives the bot an event that nobody on the platform caused, the way its app hears of things: {status, answer}. */
export async function inject(company, event, how) {
  if (company.kit.transport === 'stream') {
    const [{ status, body }] = (await company.control('events', { kind: 'raw', raw: envelope(event, how) })).deliveries;
    return { status, answer: body ? JSON.parse(body) : null };
  }
  const answer = await fetch(new URL('hook/feishu/main', company.bot.url), { method: 'POST', ...sealed(event, how) });
  const body = await answer.text();
  return { status: answer.status, answer: body ? JSON.parse(body) : null };
}
/** What somebody says in private, as an event. */
export function saidInPrivate(name, text, id) {
  const user = people[name][1];
  return {
    type: 'im.message.receive_v1',
    event: {
      sender: { sender_id: { open_id: user }, sender_type: 'user', tenant_key: 'sim' },
      message: { message_id: id, create_time: String(Date.now()), chat_id: `oc_p2p_${user}`, chat_type: 'p2p', message_type: 'text', content: JSON.stringify({ text }) },
    },
  };
}
export const secrets = [credentials.app_secret, credentials.encrypt_key, credentials.verification_token];

/** name -> [person id, open_id, department] */
export const people = {
  韩梅梅: ['han', 'ou_han', 'market'],
  钱市场: ['qian', 'ou_qian', 'market'],
  赵技: ['zhao', 'ou_zhao', 'tech'],
  王工: ['wang', 'ou_wang', 'tech'],
  李雷: ['li', 'ou_li', 'tech'],
  李副总: ['fu', 'ou_fu', 'boss'],
  陈总: ['chen', 'ou_chen', 'boss'],
  周督办: ['zhou', 'ou_zhou', 'pmo'],
};
export const group = 'oc_all';

/** The company itself; `app`: "feishu:main". */
export function organisation(app, accounts) {
  const persons = Object.entries(accounts)
    .map(([name, [id, account, department]]) => `[[person]]\nid = "${id}"\nname = "${name}"\ndepartment = "${department}"\nidentities = { "${app}" = "${account}" }\n`)
    .join('\n');
  return `
[storage]
url = "sqlite:xieban.db"
[company]
name = "示例公司"
leadership_group = ["chen", "fu"]
pmo = "pmo"
[[department]]
id = "tech"
name = "技术部"
head = "wang"
vice_president = "fu"
liaisons = ["zhao"]
[[department]]
id = "market"
name = "市场部"
head = "qian"
vice_president = "fu"
liaisons = ["qian"]
[[department]]
id = "pmo"
name = "企管部"
head = "zhou"
vice_president = "chen"
liaisons = ["zhou"]
[[department]]
id = "boss"
name = "总经办"
head = "chen"
vice_president = "chen"
liaisons = ["chen"]
${persons}`;
}

/** Over the long connection the app's secret is the only one. */
function configuration(simUrl, transport) {
  const callbacks = transport === 'stream' ? '' : `encrypt_key = { env = "FEISHU_ENCRYPT_KEY" }
verification_token = { env = "FEISHU_VERIFICATION_TOKEN" }
`;
  return `${organisation('feishu:main', people)}
[[feishu]]
id = "main"
transport = "${transport}"
app_id = "${credentials.app_id}"
app_secret = { env = "FEISHU_APP_SECRET" }
${callbacks}api_base = "${simUrl.replace(/\/$/, '')}"
bot_name = "协办"
`;
}

export const environment = {
  FEISHU_APP_SECRET: credentials.app_secret,
  FEISHU_ENCRYPT_KEY: credentials.encrypt_key,
  FEISHU_VERIFICATION_TOKEN: credentials.verification_token,
};

const world = {
  apps: [credentials],
  people: Object.entries(people).map(([name, [, open, department]]) => ({ id: open, name, mobile: '', manager: '', departments: [`od-${department}`], active: true })),
  departments: ['tech', 'market', 'pmo', 'boss'].map((id) => ({ id: `od-${id}`, name: id, parent: '0', head: '' })),
  chats: [{ id: group, name: '协作群', members: Object.values(people).map(([, open]) => open), external: false }],
  limits: {},
};

const slots = { first: 10_000, width: 100, guards: 30_000, count: 200 };

/** Whether nobody listens there. `keep`: and nobody else shall, while this process lives. */
function bound(port, keep = false) {
  const server = net.createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => (keep ? (server.unref(), resolve(true)) : server.close(() => resolve(true))));
  });
}

/** Each test process has ports of its own: between the choice and the bot's start, or while it is down, another one's bot would take them. */
async function claimSlot() {
  const start = process.pid % slots.count;
  for (let i = 0; i < slots.count; ++i) {
    const slot = (start + i) % slots.count;
    if (await bound(slots.guards + slot, true)) return slot;
  }
  throw new Error('every range of ports is taken');
}

let mySlot;
let given = 0;

/** Below those that systems give to outgoing connections: what is free now stays free until the bot listens there. */
export async function freePort() {
  mySlot ??= claimSlot();
  const first = slots.first + (await mySlot) * slots.width;
  for (let tries = 0; tries < slots.width; ++tries) {
    const port = first + (given++ % slots.width);
    if (await bound(port)) return port;
  }
  throw new Error('every port of this process is taken');
}

/** What a company on Feishu is made of; `transport`: "stream" or "webhook". */
export function feishu(transport) {
  return {
    platform: 'feishu',
    transport,
    people,
    group,
    environment,
    configuration: (simUrl) => configuration(simUrl, transport),
    world: { ...world, apps: [{ ...credentials, transport }] },
  };
}

export class Company {
  constructor(kit = feishu('webhook')) {
    this.kit = kit;
  }

  /** `args`: of every start of the bot. `toml`: further sections of the configuration. `port`: where the bot will listen, for several simulators and one bot. */
  async start({ limits = {}, args = [], bot = true, toml = '', port } = {}) {
    this.where = folder();
    this.args = args;
    this.port = port ?? (await freePort());
    writeFileSync(join(this.where, 'world.json'), JSON.stringify({ ...this.kit.world, limits }));
    this.sim = spawn(simulator, [this.kit.platform, '--listen', '127.0.0.1:0', '--world', join(this.where, 'world.json'), '--to', `http://127.0.0.1:${this.port}`]);
    this.simUrl = await new Promise((resolve, reject) => {
      this.sim.stdout.on('data', (bytes) => {
        const found = /ready (http:\S+)/.exec(String(bytes));
        if (found) resolve(found[1]);
      });
      this.sim.stderr.on('data', (bytes) => process.stderr.write(bytes));
      this.sim.on('close', (code) => reject(new Error(`the simulator ended with ${code}`)));
    });
    this.configFile = join(this.where, 'xieban.toml');
    writeFileSync(this.configFile, this.kit.configuration(this.simUrl, this.port) + toml);
    if (bot) await this.startBot();
    return this;
  }

  async startBot(more = []) {
    Object.assign(process.env, this.kit.environment);
    this.bot = new Bot(join(this.where, 'data'), ['--config', this.configFile, '--listen', `127.0.0.1:${this.port}`, ...this.args, ...more]);
    await this.bot.start();
  }

  async stop() {
    await this.bot?.kill();
    this.sim?.kill();
    rmSync(this.where, { recursive: true, force: true });
  }

  async control(path, body, method = body === undefined ? 'GET' : 'POST') {
    const answer = await fetch(new URL(`_sim/${path}`, this.simUrl), { method, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    assert.ok(answer.ok, `${path} ${JSON.stringify(body)}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }

  /** A message; in the group with the bot mentioned, to: 'private' without. */
  say(name, text, { chat = this.kit.group, id, copies, parallel } = {}) {
    const user = this.kit.people[name][1];
    const message = chat === 'private' ? { kind: 'message', user, text } : { kind: 'message', user, chat, text: `@协办 ${text}`, mentions: ['bot'] };
    return this.control('events', { ...message, ...(id && { id }), ...(copies && { copies }), ...(parallel && { parallel }) });
  }
  async press(name, message, action, inputs) {
    const pressed = await this.control('events', { kind: 'press', user: this.kit.people[name][1], message, action, ...(inputs && { inputs }) });
    const [delivery] = pressed.deliveries;
    return { ...delivery, answer: delivery.body ? JSON.parse(delivery.body) : null };
  }
  async messages(query = {}) {
    return (await this.control(`messages?${new URLSearchParams(query)}`)).messages;
  }
  async seq() {
    return (await this.control('messages')).seq;
  }
  /** The newest message that fits, awaited for a while: sending follows the answer. */
  async until(fits, { within = 60_000, after = 0, what = 'a message' } = {}) {
    const end = performance.now() + within;
    for (;;) {
      const found = (await this.messages({ after })).filter(fits).at(-1);
      if (found) return found;
      if (performance.now() > end) {
        const all = (await this.messages({ after })).map((one) => `${one.chat} -> ${one.to}: ${one.text.slice(0, 60)}`).join('\n');
        throw new Error(`${what} never came; there are:\n${all}\nlog:\n${this.bot.log.slice(-3000)}`);
      }
      await pause(25);
    }
  }
  liveCard(after = 0) {
    return this.until((one) => one.chat === this.kit.group && one.kind === 'card', { after, what: 'the live card' });
  }
  fault(fault) {
    return this.control('faults', fault);
  }
  async received(path = '') {
    return (await this.control(`received?${new URLSearchParams({ path })}`)).requests;
  }
}

export async function withCompany(body, options = {}) {
  const company = new Company(options.kit);
  try {
    await company.start(options);
    await body(company);
  } finally {
    await company.stop();
  }
}

export function numberOf(text) {
  const found = /XB-\d{4}-(\d{4})/.exec(text);
  assert.ok(found, text);
  return { full: found[0], short: String(Number(found[1])) };
}

/** All that a reading command answers in private, page after page, without spaces; `fits`: what this person gets. */
export async function readAll(company, person, fits, command) {
  const pages = [];
  for (let next = command; next; ) {
    const after = await company.seq();
    await company.say(person, next, { chat: 'private' });
    const page = await company.until((one) => fits(one) && one.text.length > 50, { after, what: `the answer to ${next}` });
    pages.push(page.text.replace(/第 \d+ \/ \d+ 页.*$/s, ''));
    assert.ok(pages.length < 60, 'the pages end');
    next = page.text.match(/下一页：发送 (\/\S+ \d+ \d+)/)?.[1];
  }
  return pages.join('').replace(/\s/g, '');
}
