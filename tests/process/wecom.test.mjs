// WeCom end to end on its simulator: smart bot by long connection and by callback, app with and without callback.
import test from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { connected, drained, eventually } from './dingtalk_support.mjs';
import { connected as subscribed, group, people, secrets, subscriptions, wecom } from './wecom_support.mjs';
import { numberOf, withCompany } from './feishu_support.mjs';

const account = (name) => people[name][1];
const toPerson = (name) => (one) => one.chat === `app:${account(name)}` || one.chat === `bot:${account(name)}`;
/** Our buttons are sealed: "12.3.accept.…". */
function press(company, name, card, action) {
  const button = card.card.button_list.find((one) => one.key.split('.')[2] === action);
  assert.ok(button, `${action} in ${JSON.stringify(card.card)}`);
  return company.control('events', { kind: 'press', user: account(name), message: card.id, action: button.key });
}
const over = (how, body, options = {}) =>
  withCompany(async (company) => {
    // Nothing arrives on a connection that is not subscribed.
    if (how.transport !== 'webhook') await subscribed(company);
    await connected(company);
    await body(company);
  }, { kit: wecom(how), ...options });

test('the story over the long connection with app cards: raised in a group, accepted by a press, delegated, delivered, rejected, accepted', async () => {
  await over({}, async (company) => {
    const said = await company.say('韩梅梅', '/发起 新品推广页接口对接 给技术部 截止 后天18点 背景: 新品下周上线 影响: 5000 人次');
    assert.ok(said.deliveries[0].acked, JSON.stringify(said));
    const live = await company.liveCard();
    const { short, full } = numberOf(live.text);
    const personal = await company.until((one) => toPerson('赵技')(one) && one.kind === 'card' && one.text.includes(full), { what: 'the personal card of the first receiver' });

    await press(company, '赵技', personal, 'accept');
    await company.until((one) => one.id === personal.id && one.version > personal.version && /执行中/.test(one.text), { what: 'the pressed card is updated' });

    await company.say('赵技', `/指派 ${short} @李雷`, { chat: 'private' });
    await company.until((one) => toPerson('李雷')(one) && one.text.includes(full), { what: 'the new owner is told' });
    await company.say('李雷', `/进度 ${short} 40% 滞后 原因: 测试环境不稳定 措施: 今晚加人`, { chat: 'private' });
    await company.say('李雷', `/交付 ${short} 已上线`, { chat: 'private' });
    await company.until((one) => toPerson('韩梅梅')(one) && /验收|交付/.test(one.text), { what: 'the requester is asked to accept' });
    await company.say('韩梅梅', `/验收 ${short} 驳回 少了分页`, { chat: 'private' });
    await company.say('李雷', `/交付 ${short} 补了分页`, { chat: 'private' });
    await company.say('韩梅梅', `/验收 ${short} 通过`, { chat: 'private' });
    const after = await company.seq();
    await company.say('韩梅梅', `/查看 ${short}`, { chat: 'private' });
    await company.until((one) => toPerson('韩梅梅')(one) && /归档/.test(one.text), { after: after - 5, what: 'the archive' });
    for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
  });
});

for (const how of [{ app: 'quiet' }, { app: 'none' }, { transport: 'webhook' }]) {
  test(`the story by typed commands with ${JSON.stringify(how)}`, async () => {
    await over(how, async (company) => {
      const said = await company.say('韩梅梅', '/发起 打印机坏了 给技术部 截止 后天18点');
      assert.ok(said.deliveries[0].acked, JSON.stringify(said));
      const first = await company.until((one) => one.chat === group && /打印机坏了/.test(one.text), { what: 'the request in the group' });
      const { short } = numberOf(first.text);
      const steps = [
        ['赵技', `/接单 ${short}`],
        ['赵技', `/交付 ${short} 换了硒鼓`],
        ['韩梅梅', `/验收 ${short} 通过`],
      ];
      for (const [who, text] of steps) {
        const done = await company.say(who, text);
        assert.ok(done.deliveries[0].acked, JSON.stringify(done));
      }
      const after = await company.seq();
      await company.say('韩梅梅', `/查看 ${short}`, { chat: 'private' });
      await company.until((one) => toPerson('韩梅梅')(one) && /归档/.test(one.text), { after, what: 'the archive, in private' });
    });
  });
}

test('a card in a group is the reply to a mention, and a press updates it', async () => {
  await over({}, async (company) => {
    await company.say('韩梅梅', '/发起 群里按 给技术部 截止 后天18点');
    const live = await company.liveCard();
    await press(company, '赵技', live, 'accept');
    await company.until((one) => one.id === live.id && one.version > live.version && /执行中/.test(one.text), { what: 'the card in the group' });
  });
});

for (const transport of ['stream', 'webhook']) {
  test(`T2 over ${transport}: one message, many deliveries: one effect`, async () => {
    await over({ transport }, async (company) => {
      const said = await company.say('韩梅梅', '/发起 重复投递 给技术部 截止 后天18点', { id: 'msgTwice', copies: 5, parallel: true });
      for (const one of said.deliveries) assert.ok(one.acked, JSON.stringify(one));
      await company.until((one) => one.chat === group && /重复投递/.test(one.text));
      await drained(company);
      await company.bot.kill();
      const standing = await subscriptions(company);
      await company.startBot();
      if (transport === 'stream') await subscribed(company, standing + 1);
      const again = await company.say('韩梅梅', '/发起 重复投递 给技术部 截止 后天18点', { id: 'msgTwice' });
      assert.ok(again.deliveries[0].acked, JSON.stringify(again));
      // Behind it another one: what it brings comes after what the first would have brought.
      await company.say('钱市场', '/帮助', { chat: 'private' });
      await company.until(toPerson('钱市场'), { what: 'who comes after it is served' });
      await drained(company);
      const numbers = new Set((await company.messages()).flatMap((one) => one.text.match(/XB-\d{4}-\d{4}/g) ?? []));
      assert.equal(numbers.size, 1, [...numbers].join());
    });
  });
}

test('T15: an expired token costs one renewal', async () => {
  await over({}, async (company) => {
    await company.say('韩梅梅', '/发起 令牌过期 给技术部 截止 后天18点');
    await company.until((one) => toPerson('赵技')(one) && /令牌过期/.test(one.text));
    const before = (await company.received('/cgi-bin/gettoken')).length;
    await company.fault({ match: { path: '/cgi-bin/message/send' }, times: 1, do: 'expire_token' });
    for (let i = 0; i < 5; ++i) await company.say('韩梅梅', `/发起 令牌${i}号 给技术部 截止 后天18点`);
    for (let i = 0; i < 5; ++i) await company.until((one) => toPerson('赵技')(one) && one.text.includes(`令牌${i}号`));
    const renewals = (await company.received('/cgi-bin/gettoken')).length - before;
    assert.ok(renewals <= 2, `${renewals} renewals`);
  });
});

test('a connection that is taken over, closed or full of garbage comes back and serves', async () => {
  await over({}, async (company) => {
    // How many connections were subscribed when each is over: not all of them end one.
    const ways = { disconnect: 2, close: 3, garbage: 3, unknown_command: 3, control_characters: 3 };
    for (const [index, [what, times]] of Object.entries(ways).entries()) {
      await company.control('stream', { do: what, app: 'main' });
      await subscribed(company, times);
      await company.say('韩梅梅', `/发起 断线${index}号 给技术部 截止 后天18点`);
      await company.until((one) => one.chat === group && one.text.includes(`断线${index}号`), { what: `the request after ${what}` });
    }
  });
});

test('what the bot says is acknowledged late, never, or refused: nothing is lost', async () => {
  await over({}, async (company) => {
    for (const [index, trouble] of [{ do: 'late_acks', ms: 1500 }, { do: 'refuse_frames', code: -1 }, { do: 'refuse_frames', code: 846605 }, { do: 'refuse_frames', code: 846609 }].entries()) {
      await company.control('stream', { app: 'main', times: 1, ...trouble });
      await company.say('韩梅梅', `/发起 故障第${index}种 给技术部 截止 后天18点`);
      await company.until((one) => one.chat === group && one.text.includes(`故障第${index}种`), { what: `the request after ${JSON.stringify(trouble)}` });
      await connected(company);
    }
  });
});

test('T41: posts without the signature of the platform have no effect', async () => {
  await over({ transport: 'webhook' }, async (company) => {
    for (const path of ['app', 'bot'])
      for (const spoil of ['signature', 'receive_id']) {
        const plain = path === 'app' ? `<xml><FromUserName>${account('韩梅梅')}</FromUserName><MsgType>text</MsgType><Content>/发起 伪造的 给技术部</Content><MsgId>1</MsgId></xml>` : JSON.stringify({ msgid: 'f', chattype: 'single', from: { userid: account('韩梅梅') }, msgtype: 'text', text: { content: '/发起 伪造的 给技术部' } });
        const answer = await company.control('events', { kind: 'raw', channel: path, raw: plain, spoil });
        assert.equal(answer.deliveries[0].status, 401, JSON.stringify(answer));
      }
    const bare = await fetch(new URL('hook/wecom/main/app', company.bot.url));
    assert.equal(bare.status, 400, 'a probe');
    for (const channel of ['app', 'bot']) {
      // Within a second: on a busy machine not each time.
      const checked = async () => (await company.control('events', { kind: 'url_check', channel })).deliveries[0].acked;
      await eventually(checked, `the check of the ${channel}`);
    }
    await drained(company);
    assert.deepEqual(await company.messages(), []);
  });
});

test('each press brings one update: it is used, and no more are tried until the next press', async () => {
  await over({}, async (company) => {
    const updates = async () => (await company.received('/cgi-bin/message/update_template_card')).map((one) => one.accepted);
    await company.say('韩梅梅', '/发起 一次一码 给技术部 截止 后天18点');
    const card = await company.until((one) => toPerson('赵技')(one) && one.kind === 'card' && /一次一码/.test(one.text));
    const { short } = numberOf(card.text);
    await press(company, '赵技', card, 'accept');
    await eventually(async () => (await updates()).length > 0, 'the last word after the press');
    assert.deepEqual(await updates(), [true]);
    const before = (await company.messages()).filter((one) => toPerson('赵技')(one) && one.kind === 'card').length;
    await company.say('赵技', `/进度 ${short} 40% 正常`, { chat: 'private' });
    await pause(4000);
    await drained(company);
    assert.deepEqual(await updates(), [true], 'no code, no update');
    const shown = (await company.messages()).filter((one) => one.id === card.id).at(-1);
    assert.equal((await company.messages()).filter((one) => toPerson('赵技')(one) && one.kind === 'card').length, before, 'and no new card instead');
    await press(company, '赵技', shown, 'progress');
    await eventually(async () => (await updates()).length > 1, 'the next press');
    assert.deepEqual(await updates(), [true, true]);
  });
});

test("the app's own chat takes commands and menu items, and a URL check is answered", async () => {
  await over({}, async (company) => {
    const user = account('韩梅梅');
    const tell = (event) => company.control('events', { user, ...event });
    assert.ok((await tell({ kind: 'message', chat: `app:${user}`, text: '／发起 在应用里说 给技术部 截止 后天18点' })).deliveries[0].acked);
    await company.until((one) => toPerson('赵技')(one) && /在应用里说/.test(one.text));
    const after = await company.seq();
    assert.ok((await tell({ kind: 'menu', key: '我的' })).deliveries[0].acked);
    await company.until((one) => one.chat === `app:${user}` && /在应用里说/.test(one.text), { after, what: 'the list behind the menu item' });
    const checked = async () => (await company.control('events', { kind: 'url_check', channel: 'app' })).deliveries[0].acked;
    await eventually(checked, 'the check of the address');
  });
});

for (const app of ['none', 'callback']) {
  test(`whoever opens the chat with the bot is welcomed the first time, ${app === 'none' ? 'without an app' : 'beside an app'}`, async () => {
    await over({ app }, async (company) => {
      const open = () => company.control('events', { kind: 'enter', user: account('李雷') });
      const hellos = async () => (await company.messages()).filter((one) => toPerson('李雷')(one) && /我是协办/.test(one.text));
      await open();
      const hello = await company.until((one) => toPerson('李雷')(one) && /我是协办/.test(one.text), { what: 'the welcome' });
      assert.equal(hello.chat, `bot:${account('李雷')}`, 'where it was opened');
      assert.match(hello.text, /\/帮助/);
      await company.control('clock', { advance: 'P1D' });
      await open();
      await company.say('李雷', '/我的', { chat: 'private' });
      await company.until((one) => toPerson('李雷')(one) && /李雷 的协作单/.test(one.text), { what: 'their list' });
      assert.equal((await hellos()).length, 1);
    });
  });
}

test('who cannot be reached is not forgotten: the next one up the line hears of it', async () => {
  await over({}, async (company) => {
    const { people: all } = await company.control('world');
    await company.control('world', { people: all.map((one) => (one.id === account('赵技') ? { ...one, visible: false } : one)) }, 'PUT');
    await company.say('韩梅梅', '/发起 看不见的人 给技术部 截止 后天18点');
    await company.until((one) => toPerson('王工')(one) && /看不见的人/.test(one.text), { what: 'the head of the department' });
  });
});
