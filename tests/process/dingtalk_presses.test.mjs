// Presses on DingTalk's cards, over Stream and over callbacks: the same button is meant each time it is pressed, a push that comes
// again is done once.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { account, answerAll, asked, buttonOn, drained, eventually, group, over, toPerson } from './dingtalk_support.mjs';
import { numberOf } from './feishu_support.mjs';

const patience = { within: 60_000 };

describe('presses', { concurrency: 4 }, () => {
  for (const transport of ['stream', 'webhook']) {
    const running = (body, options) => over(transport, body, options);

    test(`over ${transport}: a dialogue that was cancelled is opened again by the same button`, async () => {
      await running(async (company) => {
        await company.say('韩梅梅', '/发起 再按一次 给技术部 截止 后天18点');
        const live = await company.liveCard();
        const { short } = numberOf(live.text);
        for (let round = 0; round < 3; ++round) {
          const after = await company.seq();
          const { acked } = await company.press('赵技', live.id, 'decline');
          assert.ok(acked, `round ${round}`);
          assert.equal(await asked(company, '赵技', after), '原因', `round ${round}`);
          await company.say('赵技', '取消', { chat: 'private' });
          await company.until((one) => toPerson('赵技')(one) && /已取消填写/.test(one.text), { after, ...patience, what: 'it is cancelled' });
        }
        // And in earnest at last.
        const after = await company.seq();
        await company.press('赵技', live.id, 'decline');
        const declined = async () => (await company.messages()).find((one) => one.id === live.id && /已拒绝/.test(one.text));
        await answerAll(company, '赵技', { 原因: '人手不足', 建议: '下周三再排期' }, after, declined);
        await company.say('韩梅梅', `/查看 ${short}`, { chat: 'private' });
        await company.until((one) => toPerson('韩梅梅')(one) && /人手不足/.test(one.text), patience);
      });
    });

    test(`over ${transport}: 为什么 on a live card and the row of a list are answered each time`, async () => {
      await running(async (company) => {
        await company.say('韩梅梅', '/发起 看了又看 给技术部 截止 后天18点');
        const live = await company.liveCard();
        const { short } = numberOf(live.text);
        await company.say('赵技', `/接单 ${short}`, { chat: 'private' });
        await company.say('赵技', `/交付 ${short} 已上线`, { chat: 'private' });
        await company.until((one) => one.id === live.id && /验收/.test(one.text) && one.card.buttons.some((button) => button.text === '为什么'), patience);
        await company.say('韩梅梅', '/我的', { chat: 'private' });
        const list = await company.until((one) => toPerson('韩梅梅')(one) && one.kind === 'card' && one.card.buttons.some((button) => /看了又看/.test(button.text)), { ...patience, what: 'the list' });
        await drained(company);
        for (let round = 0; round < 3; ++round) {
          for (const [message, action, answered] of [
            [live.id, '为什么', /· 为什么/],
            [list.id, buttonOn(list, /看了又看/), /看了又看/],
          ]) {
            const after = await company.seq();
            assert.ok((await company.press('韩梅梅', message, action)).acked);
            await company.until((one) => toPerson('韩梅梅')(one) && one.id !== list.id && answered.test(one.text), { after, ...patience, what: `${action}, round ${round}` });
          }
        }
      });
    });

    test(`over ${transport}: a push of the platform that comes again is done once, and its presser hears nothing of it`, async () => {
      await running(
        async (company) => {
          await company.say('韩梅梅', '/发起 推送重复 给技术部 截止 后天18点');
          const live = await company.liveCard();
          await drained(company);
          const after = await company.seq();
          const { deliveries } = await company.control('events', { kind: 'press', user: account('赵技'), message: live.id, action: 'decline', copies: 4 });
          assert.equal(deliveries.length, 4);
          for (const one of deliveries) assert.ok(one.acked, JSON.stringify(one));
          await asked(company, '赵技', after, '原因');
          await drained(company);
          const heard = (await company.messages({ after })).filter(toPerson('赵技'));
          assert.equal(heard.length, 1, heard.map((one) => one.text).join('\n---\n'));
        },
        { limits: { stream_same_message_id: 1 } },
      );
    });
  }

  test('over Stream: a push that comes again under another name does nothing twice', async () => {
    await over('stream', async (company) => {
      await company.say('韩梅梅', '/发起 换名重复 给技术部 截止 后天18点');
      const live = await company.liveCard();
      await drained(company);
      const { deliveries } = await company.control('events', { kind: 'press', user: account('赵技'), message: live.id, action: 'accept', copies: 4 });
      for (const one of deliveries) assert.ok(one.acked, JSON.stringify(one));
      await company.until((one) => one.id === live.id && /执行中/.test(one.text), patience);
      await drained(company);
      const told = (await company.messages()).filter((one) => toPerson('韩梅梅')(one) && /已接单/.test(one.text));
      assert.equal(told.length, 1, 'the requester hears of it once');
    });
  });

  test('T14: a card that stands although nobody heard so, at a platform that ignores its repeat: delivered, once', async () => {
    await over(
      'stream',
      async (company) => {
        await company.fault({ match: { path: '/card/instances/createAndDeliver', body_contains: 'IM_GROUP' }, times: 1, do: 'reset_after_accept' });
        await company.say('韩梅梅', '/发起 应答丢失 给技术部 截止 后天18点');
        const live = await company.liveCard();
        const calls = async () => (await company.received('/card/instances/createAndDeliver')).filter((one) => one.body.includes('IM_GROUP'));
        await eventually(async () => (await calls()).length >= 2, 'it is tried again', 60_000);
        await drained(company);
        const made = await calls();
        // Once more only where the time of a call ran out before its answer was read.
        for (let i = 2; i < made.length; ++i) assert.ok(Date.parse(made[i].at) - Date.parse(made[i - 1].at) >= 9000, 'and known to stand');
        for (const one of made) assert.equal(one.body, made[0].body, 'the same bytes');
        assert.equal((await company.messages()).filter((one) => one.chat === group && one.kind === 'card').length, 1);
        // It is followed: what is pressed on it changes it.
        await company.press('赵技', live.id, 'accept');
        await company.until((one) => one.id === live.id && /执行中/.test(one.text), patience);
      },
      { limits: { card_again_is_ignored: 1 } },
    );
  });
});
