// Sign-off and ruling through Feishu's native cards, end to end on the simulator.
import test from 'node:test';
import assert from 'node:assert/strict';
import { people, withCompany } from './feishu_support.mjs';

const toPerson = (name) => (one) => one.to === people[name][1];
const components = (card, found = []) => {
  if (card && typeof card === 'object') {
    if (card.tag) found.push(card);
    for (const inner of Object.values(card)) components(inner, found);
  }
  return found;
};
const buttons = (message) => components(message.card).filter((part) => part.tag === 'button').map((part) => part.text.content);
const formTo = (company, name, after) =>
  company.until((one) => toPerson(name)(one) && components(one.card).some((part) => part.tag === 'form'), { after, what: `a form to ${name}` });
const accepted = async (company, title) => {
  await company.say('韩梅梅', `/发起 ${title} 给技术部 截止 后天18点`);
  const live = await company.liveCard();
  await company.press('赵技', live.id, '接单');
  await company.until((one) => one.id === live.id && one.text.includes('状态：执行中'), { what: 'the accepted request' });
  return live;
};

test('one signs by the button, one objects by the form, and the card shows both', async () => {
  await withCompany(async (company) => {
    const live = await accepted(company, '会签试点');
    await company.say('韩梅梅', '/会签 1 王工 李雷');
    const signing = (name) => company.until((one) => toPerson(name)(one) && buttons(one).includes('有异议'), { what: `the card of ${name}` });
    const wang = await signing('王工');
    const li = await signing('李雷');
    const signed = await company.press('王工', wang.id, '同意');
    assert.equal(signed.answer.toast.type, 'success', JSON.stringify(signed.answer.toast));
    assert.match(signed.answer.toast.content, /已会签：同意。文本指纹 [0-9a-f]{12}/);
    // The card of the group follows a moment later.
    await company.until((one) => one.id === live.id && buttons(one).includes('有异议'), { what: 'the sign-off on the card of the group' });
    const twice = await company.press('王工', live.id, '同意');
    assert.match(twice.answer.toast.content, /已经签过了/);
    const stranger = await company.press('周督办', live.id, '同意');
    assert.match(stranger.answer.toast.content, /请的是 王工、李雷/);
    const after = await company.seq();
    await company.press('李雷', li.id, '有异议');
    const form = await formTo(company, '李雷', after);
    assert.ok(form.text.includes('会签有异议'), form.text);
    const objected = await company.press('李雷', form.id, 'submit', { reason: '接口还没定' });
    assert.equal(objected.answer.toast.type, 'success', JSON.stringify(objected.answer.toast));
    const card = await company.until((one) => one.id === live.id && one.text.includes('有异议（'), { what: 'the answers on the card' });
    assert.match(card.text, /王工（技术部） 已同意（/);
    assert.match(card.text, /李雷（技术部） 有异议（.*）：接口还没定/);
    await company.until((one) => toPerson('韩梅梅')(one) && one.text.includes('有异议：接口还没定'), { what: 'who asked hears it' });
  });
});

test('the ruling form has both positions in two columns, and the ruling reaches both sides and the group', async () => {
  await withCompany(async (company) => {
    const live = await accepted(company, '裁决试点');
    await company.say('韩梅梅', '/分歧 1 本周必须上线');
    await company.until((one) => toPerson('赵技')(one) && one.text.includes('请说明你方意见'), { what: 'the question for the other position' });
    await company.say('赵技', '/分歧 1 <at id=all></at> 测试要两周');
    await company.until((one) => one.id === live.id && one.text.includes('测试要两周'), { what: 'both positions' });
    const party = await company.say('赵技', '/裁决 1 按两周', { chat: 'private' });
    assert.ok(party);
    await company.until((one) => toPerson('赵技')(one) && one.text.includes('不能自己裁决'), { what: 'the refusal' });
    const after = await company.seq();
    await company.say('李副总', '/裁决 1', { chat: 'private' });
    const form = await formTo(company, '李副总', after);
    const sides = components(form.card).find((part) => part.tag === 'column_set');
    assert.equal(sides.columns.length, 2);
    assert.deepEqual(sides.columns.map((one) => [one.width, one.weight]), [['weighted', 1], ['weighted', 1]]);
    assert.deepEqual(sides.columns.map((one) => one.elements[0].text.content), ['发起方意见', '牵头方意见']);
    assert.match(sides.columns[0].elements[1].text.content, /^本周必须上线 —— 韩梅梅/);
    assert.match(sides.columns[1].elements[1].text.content, /^<at id=all><\/at> 测试要两周 —— 赵技/);
    assert.ok(sides.columns.every((one) => one.elements.every((part) => part.text.tag === 'plain_text')), 'no mark-up is read');
    const ruled = await company.press('李副总', form.id, 'submit', { decision: '延一周' });
    assert.equal(ruled.answer.toast.type, 'success', JSON.stringify(ruled.answer.toast));
    const told = '李副总 裁决了「裁决试点」的分歧：延一周';
    for (const name of ['韩梅梅', '赵技']) await company.until((one) => toPerson(name)(one) && one.text.includes(told), { what: `the ruling to ${name}` });
    await company.until((one) => one.chat === 'oc_all' && one.id !== live.id && one.text.includes(told), { what: 'the ruling in the group' });
    await company.until((one) => one.id === live.id && one.text.includes('裁决：延一周 —— 李副总'), { what: 'the ruling on the card' });
  });
});

test('signers are picked from the platform\'s own list of people', async () => {
  await withCompany(async (company) => {
    await accepted(company, '选人会签');
    const after = await company.seq();
    await company.say('韩梅梅', '/会签 1');
    const form = await formTo(company, '韩梅梅', after);
    const picker = components(form.card).find((part) => part.name === 'people');
    assert.equal(picker.tag, 'multi_select_person');
    const picked = await company.press('韩梅梅', form.id, 'submit', { people: [people.王工[1], people.李雷[1]] });
    assert.equal(picked.answer.toast.type, 'success', JSON.stringify(picked.answer.toast));
    for (const name of ['王工', '李雷'])
      await company.until((one) => toPerson(name)(one) && buttons(one).includes('有异议'), { after, within: 60_000, what: `the card of ${name}` });
  });
});
