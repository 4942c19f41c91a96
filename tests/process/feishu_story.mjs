// The story of a request on Feishu, told with forms, buttons and commands as people use them.
import assert from 'node:assert/strict';
import { group, numberOf, people, secrets } from './feishu_support.mjs';

const toPerson = (name) => (one) => one.to === people[name][1];

/** Whose urgent requests climb their whole line within seconds. */
export const options = {
  toml: `
[[type]]
id = "urgent"
[[type.clock]]
id = "first_response"
target = "20s"
calendar = "natural"
ladder = [
  { at = "10%", to = ["owner"], by = "private" },
  { at = "20%", to = ["owner"], by = "urgent" },
  { at = "30%", to = ["head", "vice_president"], by = "private" },
]
`,
};

/** Over whichever way in the company has. `between`: called with the name of each chapter that has just ended. */
export async function story(company, between = async () => {}) {
  const hears = (name, words) => company.until((one) => toPerson(name)(one) && words.test(one.text), { what: `${name} hears ${words}` });
  /** Presses a button that opens a form, and gives the form. */
  const formOf = async (name, message, action) => {
    const after = await company.seq();
    const pressed = await company.press(name, message, action);
    assert.equal(pressed.status, 200, action);
    assert.match(pressed.answer.toast.content, /填写下面的表单/, 'it was pressed in private');
    return company.until((one) => toPerson(name)(one) && one.kind === 'card' && JSON.stringify(one.card).includes('"form"'), { after, what: `the form of ${action}` });
  };

  await company.say('韩梅梅', '/发起');
  const form = await company.until((one) => toPerson('韩梅梅')(one) && one.kind === 'card' && JSON.stringify(one.card).includes('"form"'), { what: 'the form' });
  const inputs = { title: '新品推广页接口对接', to: 'tech', 'due.typed': '后天18点', urgent: 'yes', background: '新品下周上线', situation: '接口文档未定', impact: '预计影响 5000 人次访问' };
  const sent = await company.press('韩梅梅', form.id, 'submit', inputs);
  assert.equal(sent.status, 200);
  const live = await company.liveCard();
  const { short, full } = numberOf(live.text);
  assert.match(live.text, /新品推广页接口对接/);
  await company.until((one) => toPerson('赵技')(one) && one.kind === 'card' && one.text.includes(full), { what: "the owner's card" });
  await between('raised');

  // Nobody answers: the owner is reminded, then by the urgent channel, then the line above hears of it.
  await hears('赵技', /等你响应/);
  await company.until((one) => toPerson('赵技')(one) && one.urgent, { what: 'the urgent notice' });
  for (const name of ['王工', '李副总']) await hears(name, new RegExp(full));
  await between('escalated');

  const accepted = await company.press('赵技', live.id, 'accept');
  assert.equal(accepted.status, 200);
  assert.ok(accepted.answer.toast && accepted.answer.card, 'a toast, and the newest card in the answer');
  const updated = await company.until((one) => one.id === live.id && one.version > live.version && /执行中/.test(one.text), { what: 'the live card is patched' });
  assert.match(updated.text, /赵技/);
  await company.say('赵技', `/指派 ${short} @李雷`, { chat: 'private' });
  const task = await company.until((one) => toPerson('李雷')(one) && one.kind === 'card' && one.text.includes(full), { what: 'the new owner is told' });
  await between('delegated');

  const report = await formOf('李雷', task.id, 'progress');
  assert.equal((await company.press('李雷', report.id, 'submit', { percent: '40', health: 'late', reason: '测试环境不稳定', measure: '今晚加人' })).status, 200);
  await hears('韩梅梅', /测试环境不稳定/);
  await company.say('李雷', `/交付 ${short} 已上线`, { chat: 'private' });
  await hears('韩梅梅', /验收|交付/);
  await company.say('韩梅梅', `/验收 ${short} 驳回 少了分页`, { chat: 'private' });
  await hears('李雷', /少了分页/);
  await company.say('李雷', `/交付 ${short} 补了分页`, { chat: 'private' });
  await hears('韩梅梅', /补了分页/);
  await company.say('韩梅梅', `/验收 ${short} 通过`, { chat: 'private' });
  await company.until((one) => one.id === live.id && /归档/.test(one.text), { what: 'the card shows the archive' });
  await between('archived');

  const after = await company.seq();
  await company.say('韩梅梅', `/查看 ${short} 2`, { chat: 'private' });
  await company.until(toPerson('韩梅梅'), { after, what: 'the history' });
  const numbers = new Set((await company.messages()).flatMap((one) => one.text.match(/XB-\d{4}-\d{4}/g) ?? []));
  assert.deepEqual([...numbers], [full], 'one request');
  assert.equal((await company.messages()).filter((one) => one.chat === group && one.kind === 'card' && one.text.includes('新品推广页') && one.id === live.id).length, 1);
  const filling = (await company.messages()).filter((one) => /正在填写/.test(one.text));
  assert.deepEqual(filling.map((one) => [one.chat, one.text]), [[group, '韩梅梅 正在填写…']], 'only the form that was begun in the group is announced, and there');
  const ready = JSON.parse((await company.bot.get('readyz')).body);
  assert.deepEqual(ready.warnings.filter((one) => /delivered/.test(one)), []);
  for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
}
