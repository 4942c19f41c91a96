// A company on WeCom: smart bot by long connection or by callback, self-built app with or without callback, or none.
import { organisation } from './feishu_support.mjs';

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

const self_built = { agent_id: 1000027, secret: 'sim-app-secret-canary', token: 'SimAppToken', aes_key: 'c2ltLWFwcC1rZXktZm9yLXRlc3RzLW9ubHktMDEyMz4' };
const smart_bot = { bot_id: 'aibSim0Bot', secret: 'sim-bot-secret-canary', token: 'SimBotToken', aes_key: 'c2ltLWJvdC1rZXktZm9yLXRlc3RzLW9ubHktMDEyMz4', name: '协办' };
const corp_id = 'wwsim0a1b2c3d4e5f6';
export const secrets = [self_built.secret, self_built.aes_key, smart_bot.secret, smart_bot.aes_key];

const departments = { tech: '200', market: '100', pmo: '300', boss: '400' };

/** `transport`: of the bot, "stream" or "webhook"; `app`: "callback", "quiet" or "none". */
export function wecom({ transport = 'stream', app = 'callback' } = {}) {
  const callback = app === 'callback';
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
    },
    configuration: (simUrl) => {
      const base = simUrl.replace(/\/$/, '');
      const keys = callback ? ', token = { env = "WECOM_TOKEN" }, aes_key = { env = "WECOM_AES_KEY" }' : '';
      const own = app === 'none' ? '' : `app = { agent_id = ${self_built.agent_id}, secret = { env = "WECOM_APP_SECRET" }, callback = ${callback}${keys} }\n`;
      const proof = transport === 'stream' ? `bot_id = "${smart_bot.bot_id}", secret = { env = "WECOM_BOT_SECRET" }` : 'token = { env = "WECOM_BOT_TOKEN" }, aes_key = { env = "WECOM_BOT_AES_KEY" }';
      return `${organisation('wecom:main', people)}
[[wecom]]
id = "main"
corp_id = "${corp_id}"
${own}bot = { transport = "${transport}", ${proof}, name = "${smart_bot.name}" }
api_base = "${base}"
stream_base = "${base.replace('http', 'ws')}"
`;
    },
    world: {
      apps: [{ id: 'main', corp_id, ...(app !== 'none' && { app: { ...self_built, callback } }), bot: { ...smart_bot, transport } }],
      people: Object.entries(people).map(([name, [, user, department]]) => ({ id: user, name, mobile: '', manager: '', departments: [departments[department]], active: true })),
      departments: Object.entries(departments).map(([name, id]) => ({ id, name, parent: '1', head: '' })),
      chats: [{ id: group, name: '协作群', members: Object.values(people).map(([, user]) => user), external: false }],
      limits: {},
    },
  };
}
