// One company on three platforms: raised in a WeCom group, owned on Feishu, escalated to a head on DingTalk. One number, one
// history, and each person in their own messenger.
import test from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Company, feishu, freePort, numberOf } from './feishu_support.mjs';
import { dingtalk, eventually, ready } from './dingtalk_support.mjs';
import { wecom } from './wecom_support.mjs';

/** name -> [person id, department, platform] */
const people = {
  韩梅梅: ['han', 'market', 'wecom'],
  钱市场: ['qian', 'market', 'wecom'],
  赵技: ['zhao', 'tech', 'feishu'],
  王工: ['wang', 'tech', 'dingtalk'],
  李副总: ['fu', 'boss', 'dingtalk'],
  陈总: ['chen', 'boss', 'feishu'],
  周督办: ['zhou', 'pmo', 'wecom'],
};
const kits = { feishu: feishu('webhook'), dingtalk: dingtalk('stream'), wecom: wecom() };
const account = (name) => kits[people[name][2]].people[name][1];

function organisation() {
  const departments = [['tech', '技术部', 'wang', 'fu', 'zhao'], ['market', '市场部', 'qian', 'fu', 'qian'], ['pmo', '企管部', 'zhou', 'chen', 'zhou'], ['boss', '总经办', 'chen', 'chen', 'chen']]
    .map(([id, name, head, over, first]) => `[[department]]\nid = "${id}"\nname = "${name}"\nhead = "${head}"\nvice_president = "${over}"\nliaisons = ["${first}"]\n`);
  const persons = Object.entries(people).map(([name, [id, department, platform]]) => `[[person]]\nid = "${id}"\nname = "${name}"\ndepartment = "${department}"\nidentities = { "${platform}:main" = "${account(name)}" }\n`);
  return `[storage]\nurl = "sqlite:xieban.db"\n[company]\nname = "示例公司"\nleadership_group = ["chen", "fu"]\npmo = "pmo"\n${departments.join('')}${persons.join('')}`;
}
/** The platform's own section. */
const section = (company) => {
  const whole = company.kit.configuration(company.simUrl, company.port);
  return whole.slice(whole.indexOf(`[[${company.kit.platform}]]`));
};

async function together(body) {
  const port = await freePort();
  const all = Object.fromEntries(Object.entries(kits).map(([name, kit]) => [name, new Company(kit)]));
  try {
    for (const company of Object.values(all)) {
      await company.start({ bot: false, port });
      Object.assign(process.env, company.kit.environment);
    }
    const first = all.wecom;
    writeFileSync(first.configFile, organisation() + Object.values(all).map(section).join('\n'));
    await first.startBot();
    for (const company of Object.values(all)) company.bot = first.bot;
    const standing = async () => {
      const { streams } = await ready(first);
      return streams.length >= 2 && streams.every((one) => one.state === 'up');
    };
    await eventually(standing, async () => `the long connections do not stand: ${JSON.stringify((await ready(first)).streams)}`);
    await body(all, first.bot);
  } finally {
    for (const company of Object.values(all)) await company.stop();
  }
}

test('raised on WeCom, owned on Feishu, escalated on DingTalk: one number, one history', async () => {
  await together(async ({ wecom: w, feishu: f, dingtalk: d }, bot) => {
    const toWeCom = (name) => (one) => one.chat === `app:${account(name)}` || one.chat === `bot:${account(name)}`;
    const said = await w.say('韩梅梅', '/发起 三个平台一件事 给技术部 截止 后天18点');
    assert.ok(said.deliveries[0].acked, JSON.stringify(said));
    const live = await w.until((one) => one.chat === w.kit.group && /三个平台一件事/.test(one.text), { what: 'the request in the WeCom group' });
    const { full, short } = numberOf(live.text);

    const card = await f.until((one) => one.to === account('赵技') && one.kind === 'card' && one.text.includes(full), { what: "the owner's card on Feishu" });
    await f.press('赵技', card.id, 'accept');
    await f.until((one) => one.id === card.id && /执行中/.test(one.text), { what: 'accepted on Feishu' });
    await w.until((one) => toWeCom('韩梅梅')(one) && /赵技/.test(one.text) && /接单/.test(one.text), { what: 'the requester hears of it on WeCom' });

    await w.say('韩梅梅', `/升级 ${short} 三天没有进展`, { chat: 'private' });
    const escalated = await d.until((one) => one.to === account('王工') && one.text.includes('三天没有进展'), { what: 'the head hears of it on DingTalk' });
    assert.equal(numberOf(escalated.text).full, full);
    await d.say('王工', `/备注 ${short} 已安排人手`, { chat: 'private' });

    await f.say('赵技', `/交付 ${short} 已上线`, { chat: 'private' });
    await w.until((one) => toWeCom('韩梅梅')(one) && /交付|验收/.test(one.text) && one.text.includes(full), { what: 'the requester is asked to accept on WeCom' });
    await w.say('韩梅梅', `/验收 ${short} 通过`, { chat: 'private' });

    // Whoever looks, wherever they look, sees the same.
    for (const [company, name, mine] of [[w, '韩梅梅', toWeCom('韩梅梅')], [f, '赵技', (one) => one.to === account('赵技')], [d, '王工', (one) => one.to === account('王工')]]) {
      const after = await company.seq();
      await company.say(name, `/查看 ${short}`, { chat: 'private' });
      const same = (text) => ['三个平台一件事', '韩梅梅', '赵技', full, '归档'].every((word) => text.includes(word));
      await company.until((one) => mine(one) && same(one.text), { after, what: `what ${name} sees` });
    }

    const everything = [...(await w.messages()), ...(await f.messages()), ...(await d.messages())].map((one) => one.text).join('\n');
    assert.deepEqual([...new Set(everything.match(/XB-\d{4}-\d{4}/g))], [full], 'one number');
    assert.equal((await f.messages()).filter((one) => one.to === account('韩梅梅')).length, 0);
    assert.equal(JSON.parse((await bot.get('readyz')).body).ready, true);
  });
});
