// The story of the product through the playground's API: raised, chased, escalated, accepted, delegated, late, delivered,
// rejected, delivered again, accepted, archived.
import test from 'node:test';
import assert from 'node:assert/strict';
import { withBot, last, buttons, folder, Bot } from './support.mjs';
import { rmSync } from 'node:fs';

const raise =
  '/发起 新品推广页接口对接 给技术部 截止 明天18点 紧急 背景: 新品下周上线 现状: 接口文档未定 影响: 预计影响 5000 人次访问';
const monday = '2026-11-23T09:00:00+08:00';

/** Chat, requester and the people of the lead department's line, read from the world rather than assumed. */
async function cast(bot) {
  const world = await bot.world();
  const chat = world.chats[0];
  const requester = world.people[0];
  const tech = world.departments.find((one) => one.name === '技术部');
  const name = (id) => world.people.find((one) => one.id === id).name;
  const lei = world.people.find((one) => one.name === '李雷');
  return { world, chat: chat.id, requester: requester.id, tech, owner: tech.liaisons[0], head: tech.head, vice: tech.vice_president, lei: lei.id, name };
}

const told = (messages, person, fits = () => true) =>
  messages.filter((one) => one.from === 'bot' && (one.to === person || one.chat === `p:${person}`) && fits(one));

test('an urgent request nobody answers is chased and escalated, then lives to its archive', async () => {
  await withBot(
    async (bot) => {
      const { chat, requester, owner, head, vice, lei, tech } = await cast(bot);
      assert.equal(requester && owner && head && vice && lei ? 'all' : 'missing', 'all');

      const raised = await bot.say(chat, requester, raise);
      const live = last(raised.messages, (one) => one.chat === chat && one.kind === 'card');
      assert.ok(live, 'the group has the live card');
      assert.match(live.request, /^XB-2026-\d{4}$/);
      assert.match(live.text, /新品推广页接口对接/);
      const number = live.request;
      const short = String(Number(number.slice(-4)));
      assert.ok(told(raised.messages, owner).length > 0, 'the first receiver is told');

      const planned = (await bot.call(`plan?request=${short}`)).plan;
      assert.ok(planned.length > 3);
      assert.deepEqual([...planned].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)), planned);

      // Half an hour: the owner is reminded. 80 % of two hours: the urgent channel. Two hours: head and vice president.
      let before = (await bot.call('messages')).rev;
      await bot.clock({ advance: 'PT31M' });
      let fresh = await bot.messages({ after: before });
      assert.ok(told(fresh, owner).length > 0, 'reminded after 30 min');
      assert.equal(told(fresh, head).length, 0, 'the head is left in peace');

      before = (await bot.call('messages')).rev;
      await bot.clock({ advance: 'PT1H6M' });
      fresh = await bot.messages({ after: before });
      assert.ok(told(fresh, owner, (one) => one.urgent).length > 0, 'urgent channel at 80 %');

      before = (await bot.call('messages')).rev;
      await bot.clock({ advance: 'PT25M' });
      fresh = await bot.messages({ after: before });
      assert.ok(told(fresh, head).length > 0, 'the head is told at 2 h');
      assert.ok(told(fresh, vice).length > 0, 'the vice president is told at 2 h');

      const why = await bot.say(chat, requester, `/为什么 ${short}`);
      const explained = why.messages.map((one) => one.text).join('\n');
      assert.match(explained, /2 ?小时/);
      assert.ok(explained.includes(number));

      const accepted = await bot.say(`p:${owner}`, owner, `/接单 ${short}`);
      assert.ok(accepted.messages.some((one) => one.chat === chat && one.id === live.id), 'the live card is updated in place');
      before = (await bot.call('messages')).rev;
      const delegated = await bot.say(`p:${owner}`, owner, `/指派 ${short} 李雷`);
      assert.ok(told(delegated.messages, lei).length > 0, 'the new owner is told, found by name alone');

      const bare = await bot.say(`p:${lei}`, lei, `/进度 ${short} 40% 滞后`);
      assert.ok(bare.messages.length > 0, 'a late report without reason and measure is not taken silently');
      await bot.say(`p:${lei}`, lei, `/取消填写`);
      const late = await bot.say(`p:${lei}`, lei, `/进度 ${short} 40% 滞后 原因: 测试环境不稳定 措施: 今晚加人修复`);
      assert.ok(late.messages.length > 0);

      await bot.say(`p:${lei}`, lei, `/交付 ${short} 接口已上线测试环境`);
      const own = await bot.say(`p:${lei}`, lei, `/验收 ${short} 通过`);
      assert.ok(own.messages.length > 0, 'nobody accepts what they delivered, and hears why');
      await bot.say(`p:${requester}`, requester, `/验收 ${short} 驳回 少了分页参数`);
      await bot.say(`p:${lei}`, lei, `/交付 ${short} 已补分页参数`);
      const done = await bot.say(`p:${requester}`, requester, `/验收 ${short} 通过`);
      const card = last(await bot.messages({ chat }), (one) => one.id === live.id);
      assert.match(card.text, /归档/);
      assert.ok(done.messages.length > 0);

      let history = '';
      for (const page of [1, 2, 3, 4]) {
        const shown = await bot.say(`p:${requester}`, requester, `/查看 ${short} ${page}`);
        history += shown.messages.map((one) => one.text).join('\n');
      }
      for (const word of ['发起', '接单', '李雷', '滞后', '测试环境不稳定', '交付', '驳回', '少了分页参数', '归档']) {
        assert.ok(history.includes(word), `the archive tells of ${word}`);
      }
      assert.equal((await bot.call(`plan?request=${short}`)).plan.length, 0, 'an archived request has no clock');
      assert.ok(tech.name);
    },
    { now: monday },
  );
});

test('nothing but /发起: the form card, submitted', async () => {
  await withBot(
    async (bot) => {
      const { chat, requester, tech } = await cast(bot);
      const begun = await bot.say(chat, requester, '/发起');
      const line = begun.messages.find((one) => one.chat === chat);
      assert.match(line.text, /正在填写/);
      const form = begun.messages.find((one) => one.chat === `p:${requester}` && one.card?.inputs.length > 0);
      assert.ok(form, 'the form is in the private chat');
      const inputs = {};
      for (const input of form.card.inputs) {
        if (input.id === 'title') inputs[input.id] = '季度报表口径对齐';
        else if (input.id === 'lead') inputs[input.id] = tech.id;
        else if (input.id === 'due') inputs[input.id] = '后天18点';
        else if (input.required && input.options.length > 0) inputs[input.id] = input.options[0].value;
        else if (input.required) inputs[input.id] = '请补充';
      }
      const submit = form.card.buttons.find((one) => one.style === 'primary');
      const stranger = (await bot.world()).people.find((one) => one.id !== requester).id;
      await bot.call('press', { chat: form.chat, user: stranger, message: form.id, action: submit.action, inputs }, 404);
      const sent = await bot.press(form.chat, requester, form.id, submit.action, inputs);
      const live = sent.messages.find((one) => one.chat === chat && one.kind === 'card');
      assert.match(live.text, /季度报表口径对齐/);
      const closed = last(await bot.messages({ chat: form.chat }), (one) => one.id === form.id);
      assert.equal(closed.card.buttons.length, 0, 'a form that was sent takes no second press');
    },
    { now: monday },
  );
});

test('nothing but /发起: the dialogue in plain text, over a restart', async () => {
  const data = folder();
  let bot = await new Bot(data).start();
  try {
    await bot.call('reset', { now: monday });
    const { requester } = await cast(bot);
    const mine = `p:${requester}`;
    const begun = await bot.say(mine, requester, '/发起');
    assert.ok(begun.messages.length > 0);
    await bot.say(mine, requester, '年会场地布置');
    await bot.kill();
    bot = await new Bot(data).start();
    let live;
    for (const text of ['技术部', '后天18点', '跳过', '跳过', '跳过', '跳过', '跳过', '跳过', '跳过', '跳过']) {
      const answered = await bot.say(mine, requester, text);
      live = answered.messages.find((one) => one.request && one.kind === 'card');
      if (live) break;
    }
    assert.ok(live, 'the dialogue ends in a request');
    assert.match(live.text, /年会场地布置/);
  } finally {
    await bot.kill();
    rmSync(data, { recursive: true, force: true });
  }
});

test('decline needs a counter-proposal; a foreign press changes nothing and is answered to the presser alone', async () => {
  await withBot(
    async (bot) => {
      const { chat, requester, owner, world, tech } = await cast(bot);
      const raised = await bot.say(chat, requester, '/发起 官网改版排期 给技术部 截止 后天18点');
      const live = last(raised.messages, (one) => one.chat === chat && one.kind === 'card');
      const short = String(Number(live.request.slice(-4)));
      const stranger = world.people.find(
        (one) => one.department !== tech.id && one.id !== requester && one.roles.length === 0 && world.chats[0].members.includes(one.id),
      ).id;
      assert.ok(buttons(live).includes('accept'));

      const before = (await bot.call('messages')).rev;
      const foreign = await bot.press(chat, stranger, live.id, 'accept');
      assert.ok(foreign.toast, 'never silent');
      const after = await bot.messages({ after: before });
      assert.ok(after.every((one) => one.to === null || one.to === stranger || one.from !== 'bot' || one.chat === chat));
      const shown = await bot.say(`p:${requester}`, requester, `/查看 ${short}`);
      assert.match(shown.messages.map((one) => one.text).join(''), /待响应|等待响应|接单/);

      await bot.say(`p:${owner}`, owner, `/拒绝 ${short} 原因 人手不足`);
      const still = last(await bot.messages({ chat }), (one) => one.id === live.id);
      assert.ok(buttons(still).includes('accept'), 'a decline without a counter-proposal is not taken');
      await bot.say(`p:${owner}`, owner, `/取消`);
      await bot.say(`p:${owner}`, owner, `/拒绝 ${short} 原因 人手不足 建议 下周三再排期`);
      const declined = last(await bot.messages({ chat }), (one) => one.id === live.id);
      assert.match(declined.text, /拒绝/);
      const old = await bot.press(chat, owner, live.id, 'accept').catch((error) => error);
      assert.ok(old, 'a press on a card that moved on is answered');
    },
    { now: monday },
  );
});

test('a press after a restart acts or says why not', async () => {
  const data = folder();
  let bot = await new Bot(data).start();
  try {
    await bot.call('reset', { now: monday });
    const { chat, requester, owner } = await cast(bot);
    const raised = await bot.say(chat, requester, '/发起 会议室投影维修 给技术部 截止 后天18点');
    const live = last(raised.messages, (one) => one.chat === chat && one.kind === 'card');
    await bot.kill();
    bot = await new Bot(data).start();
    const pressed = await bot.press(chat, owner, live.id, 'accept');
    assert.ok(pressed.toast || pressed.messages.length > 0);
    const card = last(await bot.messages({ chat }), (one) => one.id === live.id);
    assert.ok(!buttons(card).includes('accept'), 'the card moved on');
  } finally {
    await bot.kill();
    rmSync(data, { recursive: true, force: true });
  }
});
