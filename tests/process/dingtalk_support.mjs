// A company on DingTalk: over Stream or over its callbacks.
import { setTimeout as pause } from 'node:timers/promises';
import { organisation, withCompany } from './feishu_support.mjs';

/** name -> [person id, userId, department] */
export const people = {
  韩梅梅: ['han', 'han01', 'market'],
  钱市场: ['qian', 'qian01', 'market'],
  赵技: ['zhao', 'zhao01', 'tech'],
  王工: ['wang', '0123456789', 'tech'],
  李雷: ['li', 'manager4321', 'tech'],
  李副总: ['fu', 'fu01', 'boss'],
  陈总: ['chen', 'chen01', 'boss'],
  周督办: ['zhou', 'zhou01', 'pmo'],
};
export const group = 'cidQm9vdGhEZW1vMDE==';

export const app = {
  id: 'main',
  corp_id: 'dingcorpsim0011223344556677889900',
  client_id: 'dingsima1b2c3d4e5f6',
  client_secret: 'sim-client-secret-canary',
  event_token: 'SimToken01',
  event_aes_key: 'Zm9yRGVtb09ubHlOb3RBUmVhbEtleTAxMjM0NTY3ODl',
  card_secret: 'sim-card-secret-canary',
  bot_name: '协办',
};
export const secrets = [app.client_secret, app.event_aes_key, app.card_secret];

const departments = { tech: '200', market: '100', pmo: '300', boss: '400' };

/** `transport`: "stream" or "webhook". */
export function dingtalk(transport) {
  return {
    platform: 'dingtalk',
    people,
    group,
    environment: {
      DINGTALK_CLIENT_SECRET: app.client_secret,
      DINGTALK_EVENT_TOKEN: app.event_token,
      DINGTALK_EVENT_AES_KEY: app.event_aes_key,
      DINGTALK_CARD_SECRET: app.card_secret,
    },
    configuration: (simUrl, port) => {
      const base = simUrl.replace(/\/$/, '');
      const callbacks = transport === 'stream' ? '' : `event_token = { env = "DINGTALK_EVENT_TOKEN" }
event_aes_key = { env = "DINGTALK_EVENT_AES_KEY" }
card_secret = { env = "DINGTALK_CARD_SECRET" }
`;
      const server = transport === 'stream' ? '' : `[server]\npublic_url = "http://127.0.0.1:${port}"\n`;
      return `${server}${organisation('dingtalk:main', people)}
[[dingtalk]]
id = "main"
transport = "${transport}"
corp_id = "${app.corp_id}"
client_id = "${app.client_id}"
client_secret = { env = "DINGTALK_CLIENT_SECRET" }
${callbacks}api_base = "${base}"
oapi_base = "${base}"
`;
    },
    world: {
      apps: [{ ...app, transport }],
      people: Object.entries(people).map(([name, [, user, department]]) => ({ id: user, name, mobile: '', manager: '', departments: [departments[department]], active: true })),
      departments: Object.entries(departments).map(([name, id]) => ({ id, name, parent: '1', head: '' })),
      chats: [{ id: group, name: '协作群', members: Object.values(people).map(([, user]) => user), external: false }],
      limits: {},
    },
  };
}

/** Until `look` gives something; generous, since the machine may be busy. */
export async function eventually(look, what, within = 60_000) {
  const end = performance.now() + within;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`never: ${typeof what === 'function' ? await what() : what}`);
    await pause(50);
  }
}
export async function ready(company) {
  return JSON.parse((await company.bot.get('readyz')).body);
}
/** The Stream stands: before that nothing can arrive on it. */
export function connected(company) {
  const up = async () => (await ready(company)).streams.every((one) => one.state === 'up');
  // After a refusal it is asked for again once a minute.
  return eventually(up, () => `the stream does not stand:\n${company.bot.log.slice(-2000)}`, 120_000);
}
/** Nothing waits to be sent any more. */
export function drained(company, within = 60_000) {
  const empty = async () => (await ready(company)).outbox.waiting === 0;
  return eventually(empty, () => `messages still wait:\n${company.bot.log.slice(-3000)}`, within);
}

export const account = (name) => people[name][1];
export const toPerson = (name) => (one) => one.to === account(name);
/** Somebody listened, and was not done within the platform's two or three seconds. */
const late = (deliveries) => deliveries.some((one) => !one.acked && one.ms >= 1900);
/** A busy machine is late now and then: what was not acknowledged in time is said again, as the platform does it by and by, and
    pressed again, as people do. Whoever never acknowledges in time is found out all the same. */
function patiently(company) {
  const { say, press } = Object.getPrototypeOf(company);
  company.sayOnce = say;
  company.say = async (name, text, how = {}) => {
    let said = await say.call(company, name, text, how);
    for (let i = 0; i < 3 && late(said.deliveries); ++i) said = await say.call(company, name, text, { ...how, id: said.id });
    return said;
  };
  company.press = async (...what) => {
    const pressed = await press.call(company, ...what);
    if (!late([pressed])) return pressed;
    await drained(company);
    // The button is gone where the press has counted meanwhile.
    const again = await press.call(company, ...what).catch(() => ({ ...pressed, acked: true }));
    await drained(company);
    return again;
  };
}
/** A company over this transport, its Stream standing. */
export function over(transport, body, options = {}) {
  const running = async (company) => {
    patiently(company);
    if (options.bot !== false) await connected(company);
    await body(company);
  };
  return withCompany(running, { kit: dingtalk(transport), ...options });
}

const question = /请回复：([^\n（]+)/;
/** The next question of a dialogue to this person: its label; `label`: only that one. */
export async function asked(company, name, after, label) {
  const fits = (one) => toPerson(name)(one) && question.test(one.text) && (!label || question.exec(one.text)[1] === label);
  const found = await company.until(fits, { after, within: 60_000, what: `a question to ${name}${label ? ` about ${label}` : ''}` });
  return question.exec(found.text)[1];
}
/** Answers the questions that came after `after` by their labels, the rest with 跳过, until `done` gives something. */
export async function answerAll(company, name, answers, after, done) {
  for (let from = after; ; ) {
    const label = await asked(company, name, from);
    from = await company.seq();
    await company.say(name, answers[label] ?? '跳过', { chat: 'private' });
    const next = async () => (await done()) || (await company.messages({ after: from })).some((one) => toPerson(name)(one) && question.test(one.text));
    await eventually(next, `what follows ${label}\n${company.bot.log.slice(-2000)}`, 60_000);
    const found = await done();
    if (found) return found;
  }
}
/** The words on the button of this card that match. */
export function buttonOn(message, words) {
  const found = (message.card.buttons ?? []).find((one) => words.test(one.text));
  if (!found) throw new Error(`no button ${words} on ${JSON.stringify(message.card.buttons)}`);
  return found.text;
}
