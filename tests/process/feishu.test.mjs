// Feishu over webhook, end to end on the simulator: the story, and the faults of the platform. (T2, T9-T16, T18, T19, T41, T42)
import test from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Company, group, numberOf, people, secrets, withCompany } from './feishu_support.mjs';

const open = (name) => people[name][1];
const toPerson = (name) => (one) => one.to === open(name);

test('the story: raised in a group, accepted by a press, delegated, late, delivered, rejected, accepted', async () => {
  await withCompany(async (company) => {
    const said = await company.say('韩梅梅', '/发起 新品推广页接口对接 给技术部 截止 后天18点 背景: 新品下周上线 影响: 5000 人次');
    assert.equal(said.deliveries[0].status, 200);
    const live = await company.liveCard();
    const { short, full } = numberOf(live.text);
    assert.match(live.text, /新品推广页接口对接/);
    const personal = await company.until((one) => toPerson('赵技')(one) && one.text.includes(full), { what: 'the first receiver is told' });
    assert.equal(personal.kind, 'card');

    let after = await company.seq();
    const accepted = await company.press('赵技', live.id, 'accept');
    assert.equal(accepted.status, 200);
    assert.ok(accepted.answer.toast, 'a toast');
    assert.ok(accepted.answer.card, 'the newest card in the answer');
    const updated = await company.until((one) => one.id === live.id && one.version > live.version, { after, what: 'the live card is patched' });
    assert.match(updated.text, /赵技/);

    await company.say('赵技', `/指派 ${short} @李雷`, { chat: 'private' });
    await company.until((one) => toPerson('李雷')(one) && one.text.includes(full), { what: 'the new owner is told' });
    await company.say('李雷', `/进度 ${short} 40% 滞后 原因: 测试环境不稳定 措施: 今晚加人`, { chat: 'private' });
    await company.say('李雷', `/交付 ${short} 已上线`, { chat: 'private' });
    await company.until((one) => toPerson('韩梅梅')(one) && /验收|交付/.test(one.text), { what: 'the requester is asked to accept' });
    await company.say('韩梅梅', `/验收 ${short} 驳回 少了分页`, { chat: 'private' });
    await company.say('李雷', `/交付 ${short} 补了分页`, { chat: 'private' });
    await company.say('韩梅梅', `/验收 ${short} 通过`, { chat: 'private' });
    await company.until((one) => one.id === live.id && /归档/.test(one.text), { what: 'the card shows the archive' });
    after = await company.seq();
    await company.say('韩梅梅', `/查看 ${short} 2`, { chat: 'private' });
    await company.until(toPerson('韩梅梅'), { after, what: 'the history' });
    for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
  });
});

test('/发起 alone leads through the form card in private', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/发起');
    const form = await company.until((one) => toPerson('韩梅梅')(one) && one.kind === 'card' && JSON.stringify(one.card).includes('"form"'), { what: 'the form' });
    const inputs = { title: '季度报表口径对齐', to: 'tech', due: '后天18点' };
    const sent = await company.press('韩梅梅', form.id, 'submit', inputs);
    assert.equal(sent.status, 200);
    const live = await company.liveCard();
    assert.match(live.text, /季度报表口径对齐/);
  });
});

test('one event, many deliveries: one effect, every copy answered', async () => {
  await withCompany(async (company) => {
    const said = await company.say('韩梅梅', '/发起 重复投递 给技术部 截止 后天18点', { id: 'om_same', copies: 5, parallel: true });
    assert.deepEqual(said.deliveries.map((one) => one.status), [200, 200, 200, 200, 200]);
    await company.liveCard();
    await company.say('韩梅梅', '/发起 重复投递 给技术部 截止 后天18点', { id: 'om_same' });
    await company.bot.kill();
    await company.startBot();
    await company.say('韩梅梅', '/发起 重复投递 给技术部 截止 后天18点', { id: 'om_same' });
    await pause(500);
    const cards = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card');
    assert.equal(cards.length, 1);
  });
});

test('a foreign press, a forged action and a leaver change nothing', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/发起 权限检查 给技术部 截止 后天18点');
    const live = await company.liveCard();
    const foreign = await company.press('钱市场', live.id, 'accept');
    assert.equal(foreign.status, 200);
    assert.ok(foreign.answer.toast.content.length > 0, 'answered to the presser');
    const again = (await company.messages()).find((one) => one.id === live.id);
    assert.ok(!/负责人.*钱市场/.test(again.text));
  });
});

test('an API that hangs: events are still answered at once, the message arrives later, once', async () => {
  await withCompany(async (company) => {
    await company.fault({ match: { path: '/im/v1/messages' }, times: 2, do: 'hang' });
    const times = [];
    for (let i = 0; i < 20; ++i) {
      const said = await company.say('韩梅梅', `/帮助`, { chat: 'private' });
      times.push(said.deliveries[0].ms);
      assert.equal(said.deliveries[0].status, 200);
    }
    times.sort((a, b) => a - b);
    assert.ok(times.at(-1) < 1000, `slowest answer ${times.at(-1)} ms`);
    await company.say('韩梅梅', '/发起 接口挂起 给技术部 截止 后天18点');
    await company.until((one) => one.chat === group && one.kind === 'card', { within: 25_000, what: 'the card after the hang' });
    const cards = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card');
    assert.equal(cards.length, 1);
  });
});

test('429 with a reset: no call before it, and the card arrives', async () => {
  await withCompany(async (company) => {
    await company.fault({ match: { path: 'receive_id_type=chat_id' }, times: 1, do: 'business', status: 429, code: 99991400, headers: { 'x-ogw-ratelimit-reset': '3' } });
    await company.say('韩梅梅', '/发起 频率限制 给技术部 截止 后天18点');
    await company.until((one) => one.chat === group && one.kind === 'card', { within: 15_000 });
    const calls = (await company.received('receive_id_type=chat_id')).map((one) => Date.parse(one.at));
    assert.ok(calls.length >= 2);
    assert.ok(calls[1] - calls[0] >= 3000, `${calls[1] - calls[0]} ms`);
  });
});

test('reset after the platform accepted: the same key again, visible once', async () => {
  await withCompany(async (company) => {
    await company.fault({ match: { method: 'POST', path: 'receive_id_type=chat_id' }, times: 1, do: 'reset_after_accept' });
    await company.say('韩梅梅', '/发起 应答丢失 给技术部 截止 后天18点');
    await company.liveCard();
    const end = performance.now() + 15_000;
    let calls = [];
    while (performance.now() < end && calls.length < 2) {
      calls = (await company.received('receive_id_type=chat_id')).filter((one) => one.body.includes('interactive'));
      await pause(50);
    }
    assert.ok(calls.length >= 2, 'it was tried again');
    assert.equal(calls[0].body, calls[1].body, 'the same bytes');
    assert.equal((await company.messages()).filter((one) => one.chat === group && one.kind === 'card').length, 1);
  });
});

test('answers that are no answers: cut, garbage, 5xx, 100 MB, wrong business codes: retried, never lost', async () => {
  await withCompany(async (company) => {
    for (const [index, fault] of [
      { do: 'cut' },
      { do: 'garbage' },
      { do: 'status', status: 502 },
      { do: 'status', status: 504 },
      { do: 'big', ms: 100 * 1024 * 1024 },
      { do: 'business', code: 5000, status: 500 },
      { do: 'reset' },
    ].entries()) {
      const after = await company.seq();
      await company.fault({ match: { path: 'receive_id_type=chat_id' }, times: 1, ...fault });
      await company.say('韩梅梅', `/发起 故障第${index}种 给技术部 截止 后天18点`);
      const card = await company.until((one) => one.chat === group && one.kind === 'card' && one.text.includes(`故障第${index}种`), { after, within: 20_000, what: `the card after ${fault.do}` });
      assert.ok(card);
    }
    const texts = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card').map((one) => one.text);
    assert.equal(new Set(texts.map((text) => /故障第\d种/.exec(text)[0])).size, texts.length, 'each once');
  });
});

test('a card that the platform refuses never vanishes: the text form goes out', async () => {
  await withCompany(async (company) => {
    await company.fault({ match: { body_contains: 'interactive' }, times: -1, do: 'business', code: 230099 });
    await company.say('韩梅梅', '/发起 卡片被拒 给技术部 截止 后天18点');
    const text = await company.until((one) => one.chat === group && one.kind === 'text' && one.text.includes('卡片被拒'), { what: 'the text form' });
    assert.match(text.text, /\/接单/, 'with the typed command');
  });
});

test('an expired token in the middle of many sends: one renewal', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/帮助', { chat: 'private' });
    await company.until(toPerson('韩梅梅'));
    const before = (await company.received('tenant_access_token')).length;
    await company.fault({ match: { path: '/im/v1/messages' }, times: 1, do: 'expire_token' });
    await Promise.all(Array.from({ length: 20 }, (_, i) => company.say('韩梅梅', `/发起 令牌${i} 给技术部 截止 后天18点`)));
    await company.until((one) => one.text.includes('令牌19'), { within: 20_000 });
    const renewals = (await company.received('tenant_access_token')).length - before;
    assert.ok(renewals <= 2, `${renewals} renewals`);
  });
});

test('the group is dissolved: the owner is told in private', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/发起 群解散 给技术部 截止 后天18点');
    const live = await company.liveCard();
    const { short } = numberOf(live.text);
    await company.control('events', { kind: 'chat_dissolved', chat: group, user: open('韩梅梅') });
    const after = await company.seq();
    await company.say('赵技', `/接单 ${short}`, { chat: 'private' });
    await company.until(toPerson('赵技'), { after, what: 'the owner hears in private' });
  });
});

test('forged requests are refused without an effect', async () => {
  await withCompany(async (company) => {
    const url = new URL('hook/feishu/main', company.bot.url);
    const post = (body, headers = {}) => fetch(url, { method: 'POST', body, headers }).then(async (answer) => [answer.status, await answer.text()]);
    assert.deepEqual(await post('{"encrypt":"AAAA"}', { 'x-lark-signature': '0'.repeat(64) }), [401, '']);
    assert.equal((await post('{"schema":"2.0"}'))[0], 401);
    assert.equal((await post('not json'))[0], 400);
    assert.equal((await post('x'.repeat(2 << 20)))[0], 413);
    const check = await company.control('events', { kind: 'url_check', id: 'challenge-1' });
    assert.deepEqual(JSON.parse(check.deliveries[0].body), { challenge: 'challenge-1' });
    assert.equal((await company.messages()).length, 0);
  });
});

test('a restart between event and send loses nothing', async () => {
  await withCompany(async (company) => {
    await company.fault({ match: { path: '/im/v1/messages' }, times: 1, do: 'delay', ms: 5000 });
    await company.say('韩梅梅', '/发起 发送途中重启 给技术部 截止 后天18点');
    await pause(100);
    await company.bot.kill();
    await company.startBot();
    await company.until((one) => one.chat === group && one.kind === 'card' && one.text.includes('发送途中重启'), { within: 20_000 });
    const cards = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card');
    assert.equal(cards.length, 1);
    assert.ok(company instanceof Company);
  });
});
