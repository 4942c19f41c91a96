// Feishu's own components end to end on the simulator: pickers of dates and people, tables, charts, cards too old to change.
// The simulator takes only what the form asks for, in the form in which the platform gives it.
import test from 'node:test';
import assert from 'node:assert/strict';
import { group, numberOf, people, withCompany } from './feishu_support.mjs';

const open = (name) => people[name][1];
const toPerson = (name) => (one) => one.to === open(name);
const components = (card, found = []) => {
  if (card && typeof card === 'object') {
    if (card.tag) found.push(card);
    for (const inner of Object.values(card)) components(inner, found);
  }
  return found;
};
const formTo = (company, name, after = 0) =>
  company.until((one) => toPerson(name)(one) && components(one.card).some((part) => part.tag === 'form'), { after, what: `a form to ${name}` });

/** A whole minute some days from now, as a picker gives it to somebody in that zone. */
function picked(days, zone) {
  const at = new Date(Math.floor(Date.now() / 60000) * 60000 + days * 86_400_000);
  const local = new Date(at.getTime() + zone * 3_600_000).toISOString();
  const sign = `${zone < 0 ? '-' : '+'}${String(Math.abs(zone)).padStart(2, '0')}00`;
  return { at, text: `${local.slice(0, 10)} ${local.slice(11, 16)} ${sign}` };
}

test('a request is raised with the pickers: a person by their account, a date in the zone it was picked in', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/发起', { chat: 'private' });
    const form = await formTo(company, '韩梅梅');
    const parts = Object.fromEntries(components(form.card).filter((one) => one.name).map((one) => [one.name, one.tag]));
    assert.equal(parts.due, 'picker_datetime');
    assert.equal(parts['due.typed'], 'input');
    assert.equal(parts.to, 'select_static');
    assert.equal(parts['to.person'], 'select_person');
    for (const id of ['goal', 'background', 'situation', 'impact', 'title']) assert.equal(parts[id], 'input', id);
    assert.equal(parts.urgent, 'select_static');
    const due = picked(9, 9);
    const sent = await company.press('韩梅梅', form.id, 'submit', { title: '选人选日期', 'to.person': open('李雷'), due: due.text });
    assert.equal(sent.status, 200);
    const live = await company.until((one) => one.text.includes('选人选日期') && one.id !== form.id && /负责人：/.test(one.text) && /截止：/.test(one.text), { what: 'the request' });
    assert.match(live.text, /负责人：李雷（技术部）/);
    const beijing = new Date(due.at.getTime() + 8 * 3_600_000);
    const shown = `${beijing.getUTCMonth() + 1}月${beijing.getUTCDate()}日`;
    assert.match(live.text, new RegExp(`截止：.*${shown}.* ${beijing.toISOString().slice(11, 16)}`), live.text);
  });
});

test("a form whose button answers with the component's own value and without a name is submitted all the same", async () => {
  await withCompany(
    async (company) => {
      await company.say('韩梅梅', '/发起', { chat: 'private' });
      const form = await formTo(company, '韩梅梅');
      const sent = await company.press('韩梅梅', form.id, 'submit', { title: '按钮自己的值', to: 'tech', 'due.typed': '后天18点' });
      assert.equal(sent.answer.toast.type, 'success', JSON.stringify(sent.answer));
      await company.until((one) => one.text.includes('按钮自己的值') && one.id !== form.id, { what: 'the request' });
    },
    { limits: { form_button_values: 1 } },
  );
});

test('a date may be typed as everywhere, and what cannot be read keeps the form', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/发起', { chat: 'private' });
    const form = await formTo(company, '韩梅梅');
    const wrong = await company.press('韩梅梅', form.id, 'submit', { title: '手写日期', to: 'tech', 'due.typed': '32月1日' });
    assert.match(wrong.answer.toast.content, /32月1日/);
    const again = await company.until((one) => one.id === form.id && components(one.card).some((part) => part.default_value === '32月1日'), { what: 'the form as it was filled' });
    const sent = await company.press('韩梅梅', again.id, 'submit', { title: '手写日期', to: 'tech', 'due.typed': '后天18点' });
    assert.equal(sent.answer.toast.type, 'success', JSON.stringify(sent.answer.toast));
    await company.until((one) => one.text.includes('手写日期') && one.text.includes('18:00'), { what: 'the request' });
  });
});

test('an account that the form did not offer is nobody, and the request stays with its owner', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/发起 指派检查 给技术部 截止 后天18点');
    const live = await company.liveCard();
    const after = await company.seq();
    await company.press('赵技', live.id, 'assign');
    const form = await formTo(company, '赵技', after);
    const submit = components(form.card).find((one) => one.form_action_type === 'submit');
    // A forger's event: the platform itself would not let anybody choose it.
    await assert.rejects(company.press('赵技', form.id, 'submit', { person: 'ou_nobody' }), /no option/);
    assert.ok(submit.behaviors[0].value.k);
    const sent = await company.press('赵技', form.id, 'submit', { person: open('李雷') });
    assert.equal(sent.status, 200);
    await company.until((one) => one.id === live.id && /负责人：李雷/.test(one.text), { what: 'the new owner' });
  });
});

test('lists are tables with the late ones marked, the board has a chart, and nothing is refused', async () => {
  await withCompany(async (company) => {
    for (const [what, to] of [['接口对接', '技术部'], ['<at id=all></at> **结算**', '企管部']]) await company.say('韩梅梅', `/发起 ${what} 给${to} 截止 后天18点`);
    await company.until((one) => one.chat === group && one.text.includes('结算'), { what: 'both requests' });
    await company.say('周督办', '/看板', { chat: 'private' });
    // 周督办 leads 企管部 too: the card of the second request goes to the same person.
    const tableOf = (one) => components(one.card).find((part) => part.tag === 'table');
    const board = await company.until((one) => toPerson('周督办')(one) && tableOf(one), { what: 'the board' });
    const parts = components(board.card);
    const table = tableOf(board);
    assert.equal(table.rows.length, 2);
    assert.ok(table.columns.every((one) => ['text', 'options'].includes(one.data_type)), 'no mark-up is read');
    const chart = parts.find((one) => one.tag === 'chart');
    assert.deepEqual(new Set(chart.chart_spec.data.values.map((one) => one.name)), new Set(['技术部', '企管部']));
    assert.deepEqual(board.mentions, [], 'what was typed mentions nobody');
    for (const call of await company.received('/im/v1/messages')) assert.ok(![230025, 230099].includes(call.code), `${call.code}`);
  });
});

test('what a form could not hold is asked in words, and nothing that was written is lost', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/发起 长理由 给技术部 截止 后天18点');
    const { short } = numberOf((await company.liveCard()).text);
    const reason = '人手不够，'.repeat(250);
    const after = await company.seq();
    await company.say('赵技', `/拒绝 ${short} ${reason}`, { chat: 'private' });
    await company.until((one) => toPerson('赵技')(one) && one.kind === 'text' && /换人、换部门或改时间/.test(one.text), { after, what: 'the question' });
    await company.say('赵技', '请财务部做', { chat: 'private' });
    await company.until((one) => toPerson('韩梅梅')(one) && /请财务部做/.test(one.text), { after, what: 'the refusal with its proposal' });
    assert.ok(!(await company.messages({ after })).some((one) => toPerson('赵技')(one) && components(one.card).some((part) => part.tag === 'form')), 'no form');
    for (const call of await company.received('/im/v1/messages')) assert.ok(![230025, 230099].includes(call.code), `${call.code}`);
  });
});

test('a form that is too old to change is closed by a new card', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/发起', { chat: 'private' });
    const form = await formTo(company, '韩梅梅');
    await company.fault({ match: { method: 'PATCH', path: form.id }, times: -1, do: 'business', status: 400, code: 230031 });
    const after = await company.seq();
    await company.press('韩梅梅', form.id, 'cancel_form');
    const closed = await company.until((one) => toPerson('韩梅梅')(one) && one.kind === 'card' && one.id !== form.id, { after, what: 'the closed form' });
    const parts = components(closed.card).map((one) => one.tag);
    assert.ok(!parts.includes('form') && !parts.includes('button'), parts.join(' '));
  });
});
