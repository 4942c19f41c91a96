// A company on WeCom: smart bot by long connection or by callback, self-built app with or without callback, or none.
import { eventually, ready } from './dingtalk_support.mjs';
import { organisation, withCompany } from './feishu_support.mjs';

export { drained, eventually, ready } from './dingtalk_support.mjs';

/** name -> [person id, userid, department] */
export const people = {
  韩梅梅: ['han', 'han.mei', 'market'],
  钱市场: ['qian', 'Qian01', 'market'],
  赵技: ['zhao', 'zhao_ji', 'tech'],
  王工: ['wang', 'wang-gong', 'tech'],
  李雷: ['li', 'LiLei', 'tech'],
  李副总: ['fu', 'fu01', 'boss'],
  陈总: ['chen', 'chen01', 'boss'],
  周督办: ['zhou', 'zhou01', 'pmo'],
};
export const group = 'wrkQ7sDgAA3nTz9p';
/** Two more, for tests in which one conversation waits and another does not; and the robots that stand in all three. */
export const second = 'wrkS8tEhBB4oUa0q', third = 'wrkT9uFiCC5pVb1r';
const robots = { [group]: 'sim-robot-key-canary-1', [second]: 'sim-robot-key-canary-2', [third]: 'sim-robot-key-canary-3' };

export const self_built = { agent_id: 1000027, secret: 'sim-app-secret-canary', token: 'SimAppToken', aes_key: 'c2ltLWFwcC1rZXktZm9yLXRlc3RzLW9ubHktMDEyMz4' };
export const smart_bot = { bot_id: 'aibSim0Bot', secret: 'sim-bot-secret-canary', token: 'SimBotToken', aes_key: 'c2ltLWJvdC1rZXktZm9yLXRlc3RzLW9ubHktMDEyMz4', name: '协办' };
export const corp_id = 'wwsim0a1b2c3d4e5f6';
export const secrets = [self_built.secret, self_built.aes_key, smart_bot.secret, smart_bot.aes_key, ...Object.values(robots)];

const departments = { tech: '200', market: '100', pmo: '300', boss: '400' };

/** `transport`: of the bot, "stream" or "webhook"; `app`: "callback", "quiet" or "none"; `robots`: one in each group. */
export function wecom({ transport = 'stream', app = 'callback', robots: standing = false } = {}) {
  const callback = app === 'callback';
  const keys = Object.entries(standing ? robots : {}).map(([chat, key], index) => ({ chat, key, env: `WECOM_ROBOT_${index}` }));
  return {
    platform: 'wecom',
    people,
    group,
    environment: {
      WECOM_APP_SECRET: self_built.secret,
      WECOM_TOKEN: self_built.token,
      WECOM_AES_KEY: self_built.aes_key,
      WECOM_BOT_SECRET: smart_bot.secret,
      WECOM_BOT_TOKEN: smart_bot.token,
      WECOM_BOT_AES_KEY: smart_bot.aes_key,
      ...Object.fromEntries(keys.map((one) => [one.env, one.key])),
    },
    configuration: (simUrl) => {
      const base = simUrl.replace(/\/$/, '');
      const proofs = callback ? ', token = { env = "WECOM_TOKEN" }, aes_key = { env = "WECOM_AES_KEY" }' : '';
      const own = app === 'none' ? '' : `app = { agent_id = ${self_built.agent_id}, secret = { env = "WECOM_APP_SECRET" }, callback = ${callback}${proofs} }\n`;
      const proof = transport === 'stream' ? `bot_id = "${smart_bot.bot_id}", secret = { env = "WECOM_BOT_SECRET" }` : 'token = { env = "WECOM_BOT_TOKEN" }, aes_key = { env = "WECOM_BOT_AES_KEY" }';
      return `${organisation('wecom:main', people)}
[[wecom]]
id = "main"
corp_id = "${corp_id}"
${own}bot = { transport = "${transport}", ${proof}, name = "${smart_bot.name}" }
webhooks = [ ${keys.map((one) => `{ chat = "${one.chat}", key = { env = "${one.env}" } }`).join(', ')} ]
api_base = "${base}"
stream_base = "${base.replace('http', 'ws')}"
`;
    },
    world: {
      apps: [{ id: 'main', corp_id, ...(app !== 'none' && { app: { ...self_built, callback } }), bot: { ...smart_bot, transport }, webhooks: keys.map(({ chat, key }) => ({ chat, key })) }],
      people: Object.entries(people).map(([name, [, user, department]]) => ({ id: user, name, mobile: '', manager: '', departments: [departments[department]], active: true })),
      departments: Object.entries(departments).map(([name, id]) => ({ id, name, parent: '1', head: '' })),
      chats: Object.entries({ [group]: '协作群', [second]: '二群', [third]: '三群' }).map(([id, name]) => ({ id, name, members: Object.values(people).map(([, user]) => user), external: false })),
      limits: {},
    },
  };
}

export const account = (name) => people[name][1];
/** In private, from the app or from the bot. */
export const toPerson = (name) => (one) => one.to === account(name);
/** Our buttons are sealed: "12.3.accept.…". */
export const keyOf = (shown, action) => shown.card.button_list.map((one) => one.key).find((key) => key.split('.')[2] === action);
/** On the card as it stands: a clock that has run out meanwhile gives it other buttons. */
export async function press(company, name, shown, action) {
  const now = (await company.messages()).find((one) => one.id === shown.id);
  return company.control('events', { kind: 'press', user: account(name), message: shown.id, action: keyOf(now, action) });
}
/** Said to the app itself, which answers in its own chat. */
export function tellApp(company, name, text) {
  return company.control('events', { kind: 'message', user: account(name), chat: `app:${account(name)}`, text });
}
/** What somebody says in a group, by callback and without an address for replies. */
export function unanswerable(company, chat, text, id = `raw ${text}`) {
  const raw = { msgid: id, aibotid: smart_bot.bot_id, chatid: chat, chattype: 'group', from: { userid: account('韩梅梅') }, msgtype: 'text', text: { content: `@协办 ${text}` } };
  return company.control('events', { kind: 'raw', channel: 'bot', via: 'webhook', raw });
}
/** How often the platform has accepted a subscription; only then can anything arrive or leave over a connection. */
export async function subscriptions(company) {
  return (await company.received('/aibot_subscribe')).filter((one) => one.accepted).length;
}
export function connected(company, times = 1) {
  return eventually(async () => (await subscriptions(company)) >= times, () => `the bot is not subscribed:\n${company.bot.log.slice(-2000)}`, 90_000);
}
/** How many messages were given up so far. */
export async function givenUp(company) {
  const said = (await ready(company)).warnings.find((one) => /could not be delivered/.test(one));
  return said ? Number(said.split(' ')[0]) : 0;
}
/** A company with this bot and app, its long connection standing. */
export function over(how, body, options = {}) {
  const running = async (company) => {
    if (options.bot !== false && how.transport !== 'webhook') await connected(company);
    await body(company);
  };
  return withCompany(running, { kit: wecom(how), ...options });
}
