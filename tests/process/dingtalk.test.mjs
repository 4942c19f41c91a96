// DingTalk end to end on its simulator, over Stream and over its callbacks: the story, and the faults of the platform.
import test from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { account, connected, drained, group, over, secrets, toPerson } from './dingtalk_support.mjs';
import { numberOf } from './feishu_support.mjs';

const cardCalls = '/v1.0/card/instances';

for (const transport of ['stream', 'webhook']) {
  const running = (body, options) => over(transport, body, options);

  test(`the story over ${transport}: raised in a group, accepted by a press, delegated, late, delivered, rejected, accepted`, async () => {
    await running(async (company) => {
      const said = await company.say('韩梅梅', '/发起 新品推广页接口对接 给技术部 截止 后天18点 背景: 新品下周上线 影响: 5000 人次');
      assert.ok(said.deliveries[0].acked, JSON.stringify(said));
      const live = await company.liveCard();
      const { short, full } = numberOf(live.text);
      assert.match(live.text, /新品推广页接口对接/);
      await company.until((one) => toPerson('赵技')(one) && one.text.includes(full), { what: 'the first receiver is told' });

      await company.press('赵技', live.id, 'accept');
      const updated = await company.until((one) => one.id === live.id && one.version > live.version && /赵技/.test(one.text), { what: 'the live card is updated' });
      assert.match(updated.text, /执行中/);

      await company.say('赵技', `/指派 ${short} @李雷`, { chat: 'private' });
      await company.until((one) => toPerson('李雷')(one) && one.text.includes(full), { what: 'the new owner is told' });
      await company.say('李雷', `/进度 ${short} 40% 滞后 原因: 测试环境不稳定 措施: 今晚加人`, { chat: 'private' });
      await company.say('李雷', `/交付 ${short} 已上线`, { chat: 'private' });
      await company.until((one) => toPerson('韩梅梅')(one) && /验收|交付/.test(one.text), { what: 'the requester is asked to accept' });
      await company.say('韩梅梅', `/验收 ${short} 驳回 少了分页`, { chat: 'private' });
      await company.say('李雷', `/交付 ${short} 补了分页`, { chat: 'private' });
      await company.say('韩梅梅', `/验收 ${short} 通过`, { chat: 'private' });
      await company.until((one) => one.id === live.id && /归档/.test(one.text), { what: 'the card shows the archive' });
      const after = await company.seq();
      await company.say('韩梅梅', `/查看 ${short} 2`, { chat: 'private' });
      await company.until(toPerson('韩梅梅'), { after, what: 'the history' });
      for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
    });
  });

  test(`T2 over ${transport}: one message, many deliveries: one effect, every copy acknowledged`, async () => {
    await running(async (company) => {
      const said = await company.say('韩梅梅', '/发起 重复投递 给技术部 截止 后天18点', { id: 'msgTwice==', copies: 5, parallel: true });
      assert.equal(said.deliveries.length, 5);
      for (const one of said.deliveries) assert.ok(one.acked, JSON.stringify(one));
      await company.liveCard();
      await company.bot.kill();
      await company.startBot();
      await connected(company);
      const again = await company.say('韩梅梅', '/发起 重复投递 给技术部 截止 后天18点', { id: 'msgTwice==' });
      assert.ok(again.deliveries[0].acked);
      await drained(company);
      const cards = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card');
      assert.equal(cards.length, 1);
    });
  });

  test(`T2 over ${transport}: one press, many deliveries: one effect, the same answer each time`, async () => {
    await running(async (company) => {
      await company.say('韩梅梅', '/发起 按钮重复 给技术部 截止 后天18点');
      const live = await company.liveCard();
      await drained(company);
      const { deliveries } = await company.control('events', { kind: 'press', user: account('赵技'), message: live.id, action: 'accept', copies: 5, parallel: true });
      assert.equal(deliveries.length, 5);
      for (const one of deliveries) assert.ok(one.acked, JSON.stringify(one));
      const answers = new Set(deliveries.map((one) => one.body));
      assert.equal(answers.size, 1, [...answers].join('\n'));
      assert.match(deliveries[0].body, /执行中/, 'the card as it is now');
      await company.until((one) => one.id === live.id && /执行中/.test(one.text));
      await drained(company);
      const told = (await company.messages()).filter((one) => toPerson('韩梅梅')(one) && /已接单/.test(one.text));
      assert.equal(told.length, 1, 'the requester hears of it once');
    });
  });

  test(`T9 over ${transport}: an API that hangs: events are still acknowledged, the card arrives later, once`, async () => {
    await running(async (company) => {
      await company.fault({ match: { path: cardCalls }, times: 1, do: 'hang' });
      await company.say('韩梅梅', '/发起 接口挂起 给技术部 截止 后天18点');
      for (let i = 0; i < 10; ++i) {
        const { acked, ms } = (await company.sayOnce('韩梅梅', '/帮助', { chat: 'private' })).deliveries[0];
        assert.ok(acked && ms < 2900, `${ms} ms`);
      }
      await company.until((one) => one.chat === group && one.kind === 'card', { what: 'the card after the hang' });
      // It is asked for again once the call has run out of time, and known by its name; more than once where that runs out as well.
      await drained(company);
      assert.ok((await company.received(cardCalls)).some((one) => one.code === 'param.cardAlreadyExist'));
      assert.equal((await company.messages()).filter((one) => one.chat === group && one.kind === 'card').length, 1);
    });
  });
}

test('a foreign press changes nothing, and its presser is told', async () => {
  await over('stream', async (company) => {
    await company.say('韩梅梅', '/发起 别人来按 给技术部 截止 后天18点');
    const live = await company.liveCard();
    const after = await company.seq();
    await company.press('周督办', live.id, 'accept');
    await company.until(toPerson('周督办'), { after, what: 'the refusal' });
    await drained(company);
    const now = (await company.messages()).find((one) => one.id === live.id);
    assert.match(now.text, /待响应/);
  });
});

test('T12: answers that are no answers: cut, garbage, 5xx, 100 MB, gzip, business codes, throttling: retried, never lost, never doubled', async () => {
  await over('stream', async (company) => {
    for (const [index, fault] of [
      { do: 'cut' },
      { do: 'garbage' },
      { do: 'status', status: 502 },
      { do: 'status', status: 200 },
      { do: 'business', status: 403, code: 'Forbidden.AccessDenied.QpsLimitForApi' },
      { do: 'reset' },
      { do: 'reset_after_accept' },
      { do: 'big', ms: 100 * 1024 * 1024 },
      { do: 'big', ms: 64 * 1024, headers: { 'content-encoding': 'gzip' } },
    ].entries()) {
      const after = await company.seq();
      await company.fault({ match: { path: cardCalls }, times: 1, ...fault });
      await company.say('韩梅梅', `/发起 故障第${index}种 给技术部 截止 后天18点`);
      await company.until((one) => one.chat === group && one.text.includes(`故障第${index}种`), { after, what: `the card after ${fault.do}` });
    }
    await drained(company);
    const cards = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card').map((one) => /故障第\d种/.exec(one.text)[0]);
    assert.equal(new Set(cards).size, cards.length, 'each once');
  });
});

test('T15: an expired token in the middle of many sends: one renewal', async () => {
  await over('stream', async (company) => {
    await company.say('韩梅梅', '/发起 令牌过期 给技术部 截止 后天18点');
    await company.liveCard();
    const before = (await company.received('/v1.0/oauth2/')).length;
    await company.fault({ match: { path: cardCalls }, times: 1, do: 'expire_token' });
    for (let i = 0; i < 10; ++i) await company.say('韩梅梅', `/发起 令牌${i}号 给技术部 截止 后天18点`);
    for (let i = 0; i < 10; ++i) await company.until((one) => one.chat === group && one.text.includes(`令牌${i}号`));
    const renewals = (await company.received('/v1.0/oauth2/')).length - before;
    assert.ok(renewals <= 2, `${renewals} renewals`);
  });
});

// A platform that keeps for a while what nobody heard: whoever loses none of it has listened again in time.
for (const way of ['disconnect', 'close', 'kick', 'garbage', 'fragment']) {
  test(`T17: a Stream that the platform ends or spoils (${way}) costs no event, and none is done twice`, async () => {
    await over(
      'stream',
      async (company) => {
        const { connections } = await company.control('stream', { do: way, app: 'main' });
        assert.equal(connections, 1);
        const during = '/发起 断线之后 给技术部 截止 后天18点';
        await company.say('韩梅梅', during, { id: 'msgDuring==' });
        await company.until((one) => one.chat === group && one.text.includes('断线之后'), { what: `the request after ${way}` });
        await connected(company);
        const said = await company.say('韩梅梅', '/发起 又连上了 给技术部 截止 后天18点');
        assert.ok(said.deliveries[0].acked, JSON.stringify(said));
        await company.until((one) => one.chat === group && one.text.includes('又连上了'));
        // As the platform says again what nobody acknowledged.
        const again = await company.say('韩梅梅', during, { id: 'msgDuring==', copies: 2 });
        for (const one of again.deliveries) assert.ok(one.acked, JSON.stringify(one));
        await drained(company);
        assert.equal((await company.messages()).filter((one) => one.chat === group && one.kind === 'card').length, 2);
      },
      // It says so three times: a busy machine must be back before the last.
      { limits: { stream_keeps_unheard: 1, stream_robot_repeat_seconds: 6 } },
    );
  });
}

test('T41: posts without the signature of the platform have no effect', async () => {
  await over('webhook', async (company) => {
    const body = JSON.stringify({ conversationId: group, conversationType: '2', msgId: 'msgForged==', msgtype: 'text', text: { content: '/发起 伪造的 给技术部' }, senderStaffId: account('韩梅梅'), createAt: Date.now() });
    for (const headers of [{}, { timestamp: String(Date.now()), sign: 'bm90IGEgc2lnbmF0dXJl' }, { timestamp: 'x', sign: '' }]) {
      const answer = await fetch(new URL('hook/dingtalk/main/robot', company.bot.url), { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
      assert.equal(answer.status, 401);
    }
    for (const path of ['event', 'card']) {
      const answer = await fetch(new URL(`hook/dingtalk/main/${path}?timestamp=1&nonce=a&msg_signature=b`, company.bot.url), { method: 'POST', body: '{"encrypt":"aaaa"}' });
      assert.equal(answer.status, 401, path);
    }
    await pause(500);
    assert.deepEqual(await company.messages(), []);
  });
});
