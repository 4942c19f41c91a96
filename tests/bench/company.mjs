// The company of the benchmarks on Feishu, as our configuration and as the simulator's world.
const app = {
  id: 'main',
  app_id: 'cli_a81f3c5d7e9b0246',
  app_secret: 'bench-app-secret',
  encrypt_key: 'bench-encrypt-key',
  verification_token: 'bench-verification-token',
  bot_name: '协办',
};
const people = [
  ['han', '韩梅梅', 'market'],
  ['qian', '钱市场', 'market'],
  ['zhao', '赵技', 'tech'],
  ['wang', '王工', 'tech'],
  ['chen', '陈总', 'pmo'],
];
const departments = [
  ['tech', '技术部', 'wang', 'zhao'],
  ['market', '市场部', 'qian', 'han'],
  ['pmo', '企管部', 'chen', 'chen'],
];

export const keys = { encrypt: app.encrypt_key, token: app.verification_token };
export const environment = {
  FEISHU_APP_SECRET: app.app_secret,
  FEISHU_ENCRYPT_KEY: app.encrypt_key,
  FEISHU_VERIFICATION_TOKEN: app.verification_token,
};
export const group = 'oc_all';
export const speaker = 'ou_han';

export const world = {
  apps: [app],
  people: people.map(([id, name, department]) => ({ id: `ou_${id}`, name, mobile: '', manager: '', departments: [`od-${department}`], active: true })),
  departments: departments.map(([id]) => ({ id: `od-${id}`, name: id, parent: '0', head: '' })),
  chats: [{ id: group, name: '协作群', members: people.map(([id]) => `ou_${id}`), external: false }],
  limits: {},
};

export function configuration(apiBase) {
  const parts = [
    '[company]\nname = "示例公司"\nleadership_group = ["chen"]\npmo = "pmo"',
    ...departments.map(
      ([id, name, head, liaison]) => `[[department]]\nid = "${id}"\nname = "${name}"\nhead = "${head}"\nvice_president = "chen"\nliaisons = ["${liaison}"]`,
    ),
    ...people.map(([id, name, department]) => `[[person]]\nid = "${id}"\nname = "${name}"\ndepartment = "${department}"\nidentities = { "feishu:main" = "ou_${id}" }`),
    `[[feishu]]
id = "main"
transport = "webhook"
app_id = "${app.app_id}"
app_secret = { env = "FEISHU_APP_SECRET" }
encrypt_key = { env = "FEISHU_ENCRYPT_KEY" }
verification_token = { env = "FEISHU_VERIFICATION_TOKEN" }
api_base = "${apiBase}"
bot_name = "协办"`,
  ];
  return parts.join('\n') + '\n';
}
