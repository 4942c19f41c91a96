// DingTalk's limits, outages, lost connections, groups and people, by the numbers of the fault tests.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { account, connected, drained, eventually, group, over, people, ready, toPerson } from './dingtalk_support.mjs';
import { numberOf, readAll } from './feishu_support.mjs';

const cards = '/card/instances/createAndDeliver';
const inGroup = (one) => one.chat === group;
const at = (call) => Date.parse(call.at);
/** Refused as too fast. A machine that stalls bunches what left a second apart: a few are no fault, a tenth of all is one. */
const refused = (call) => /QpsLimit|too\.fast|ApiCountLimit/.test(call.code) || [130101, 410100].includes(call.code);
const wait37 = { status: 429, code: 'Forbidden.AccessDenied.QpsLimitForApi', headers: { 'Retry-After': '37' } };
/** Calls that show something in the group, in their order. */
const toGroup = async (company) => (await company.received()).filter((one) => one.method !== 'WS' && /IM_GROUP|sendBySession|groupMessages/.test(one.path + one.body));
/** The most of them within a minute, but for the ten seconds by which a busy machine may bunch them. */
function mostInAMinute(calls) {
  const times = calls.map(at);
  return Math.max(0, ...times.map((from) => times.filter((one) => one >= from && one < from + 50_000).length));
}
/** Twenty at a time, each acknowledged; where a machine stalls for three seconds, twenty are not. */
async function say500(say) {
  let late = 0;
  for (let i = 0; i < 500; i += 20) {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => say(i + n)));
    late += answers.filter((one) => !one.deliveries[0].acked).length;
  }
  assert.ok(late <= 40, `${late} of 500 not acknowledged in time`);
}
const urgentWithin = (target, ...ladder) => `
[[type]]
id = "urgent"
[[type.clock]]
id = "first_response"
target = "${target}"
calendar = "natural"
ladder = [ ${ladder.join(', ')} ]
`;
const urgent = (...ladder) => urgentWithin('20s', ...ladder);

describe('DingTalk by the numbers', { concurrency: 8 }, () => {
  test('T10: told to wait 37 seconds: no call there before, each then once, other chats go on', async () => {
    await over('stream', async (company) => {
      await company.fault({ match: { path: cards, body_contains: 'IM_GROUP' }, times: 1, do: 'business', ...wait37 });
      await company.say('韩梅梅', '/发起 频率甲 给技术部 截止 后天18点');
      await eventually(async () => (await toGroup(company)).length > 0, 'the first call');
      for (const which of ['乙', '丙']) await company.say('韩梅梅', `/发起 频率${which} 给技术部 截止 后天18点`);
      await company.until((one) => toPerson('赵技')(one) && one.text.includes('频率丙'), { what: 'the private card' });
      for (const which of ['甲', '乙', '丙']) await company.until((one) => inGroup(one) && one.text.includes(`频率${which}`));
      const calls = await toGroup(company);
      assert.ok(at(calls[1]) - at(calls[0]) >= 37_000, `${at(calls[1]) - at(calls[0])} ms`);
      // Different requests: when the wait is over they go side by side.
      assert.deepEqual(calls.map((one) => /频率(.)/.exec(one.body)[1]).sort(), ['丙', '乙', '甲', '甲']);
      const inPrivate = (await company.received(cards)).find((one) => one.body.includes(`IM_ROBOT.${account('赵技')}"`) && one.body.includes('频率丙'));
      assert.ok(inPrivate.seq < calls[1].seq, 'the private card does not wait for the group');
    });
  });

  test('T10: told to wait 37 seconds for a person: the urgent notice that came meanwhile goes first', async () => {
    await over(
      'stream',
      async (company) => {
        const mine = `IM_ROBOT.${account('赵技')}"`;
        await company.fault({ match: { path: cards, body_contains: mine }, times: 1, do: 'business', ...wait37 });
        await company.say('韩梅梅', '/发起 频率甲 给技术部 截止 后天18点');
        const calls = async () => (await company.received(cards)).filter((one) => one.body.includes(mine));
        await eventually(async () => (await calls()).length > 0, 'the first call');
        // More than the 32 that are under way at once: among those side by side there is no order, behind them there is.
        const others = Array.from({ length: 45 }, (_, i) => `频率乙${100 + i}`);
        await Promise.all(others.map((title) => company.say('韩梅梅', `/发起 ${title} 给技术部 截止 后天18点`, { chat: 'private' })));
        await company.say('韩梅梅', '/发起 频率丙 给技术部 紧急');
        await company.until((one) => inGroup(one) && one.text.includes('频率丙'), { what: 'the card in the group' });
        await eventually(async () => (await calls()).length >= 2 + others.length + 2, async () => `${(await calls()).length} calls`);
        const made = await calls();
        assert.ok(at(made[1]) - at(made[0]) >= 37_000, `${at(made[1]) - at(made[0])} ms`);
        assert.ok((await toGroup(company)).find((one) => one.body.includes('频率丙')).seq < made[1].seq, 'the group does not wait for the person');
        // A request's own messages keep their order: its card goes before its notice, and both overtake.
        const order = made.map((one) => (/等你响应/.test(one.body) ? '催' : /频率(.)/.exec(one.body)[1]));
        assert.ok(order.indexOf('丙') <= 32, `${order}`);
        assert.ok(order.indexOf('催') > order.indexOf('丙') && at(made[order.indexOf('催')]) - at(made[1]) < 30_000, `${order}`);
      },
      { toml: urgent('{ at = "10%", to = ["owner"], by = "urgent" }') },
    );
  });

  test('T17: a connection that looks open and carries nothing is noticed by ping within a minute, and what came meanwhile is done once', async () => {
    await over(
      'stream',
      async (company) => {
        const opens = async () => (await company.received('/connections/open')).length;
        const before = await opens();
        await company.control('stream', { do: 'zombie', app: 'main' });
        const said = company.say('韩梅梅', '/发起 僵尸连接 给技术部 截止 后天18点');
        await eventually(async () => (await opens()) > before, 'it is opened again', 90_000);
        await company.until((one) => inGroup(one) && one.text.includes('僵尸连接'), { within: 100_000 });
        await said;
        await drained(company);
        assert.equal((await company.messages()).filter(inGroup).length, 1);
      },
      // Said three times more: the second time comes after that minute, and the third is left for a machine that was late.
      { limits: { stream_robot_repeat_seconds: 40 } },
    );
  });

  test('T10: the words for "too fast": nobody is called again before their time, and others do not wait', async () => {
    const pauses = {
      韩梅梅: [1000, { do: 'business', code: 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi' }],
      钱市场: [1000, { do: 'status', status: 429 }],
      赵技: [10_000, { do: 'business', code: 'send.too.fast' }],
      王工: [10_000, { do: 'business', code: 'send.byToken.tooFast' }],
      李雷: [10_000, { do: 'business', code: 'too.many.people' }],
      陈总: [37_000, { do: 'business', ...wait37 }],
    };
    await over('stream', async (company) => {
      const callsTo = async (name) => (await company.received(cards)).filter((one) => one.body.includes(`IM_ROBOT.${account(name)}"`));
      for (const [name, [, fault]] of Object.entries(pauses)) await company.fault({ match: { path: cards, body_contains: `IM_ROBOT.${account(name)}"` }, times: 1, ...fault });
      for (const name of Object.keys(pauses)) await company.say(name, '/我的', { chat: 'private' });
      await company.say('周督办', '/我的', { chat: 'private' });
      const other = await company.until(toPerson('周督办'), { what: 'who was not refused' });
      for (const [name, [least]] of Object.entries(pauses)) {
        await company.until(toPerson(name), { within: least + 60_000, what: name });
        const calls = await callsTo(name);
        assert.equal(calls.length, 2, name);
        assert.ok(at(calls[1]) - at(calls[0]) >= least, `${name}: ${at(calls[1]) - at(calls[0])} ms`);
      }
      assert.ok(other.seq < (await callsTo('陈总'))[1].seq, 'who was not refused does not wait');
    });
  });

  test('T10: the calls of a minute are used up: nobody is called before the next one', async () => {
    await over('stream', async (company) => {
      const fault = await company.fault({ match: { path: cards, body_contains: `IM_ROBOT.${account('赵技')}"` }, times: 1, do: 'business', code: 'Forbidden.AccessDenied.QpmLimitForAppkeyAndApi' });
      await company.say('赵技', '/我的', { chat: 'private' });
      const first = await eventually(async () => (await company.received(cards)).find((one) => one.fault === fault.id), 'the refused call');
      await company.say('周督办', '/我的', { chat: 'private' });
      for (const name of ['赵技', '周督办']) await company.until(toPerson(name), { within: 120_000, what: name });
      const later = (await company.received(cards)).filter((one) => one.seq > first.seq);
      assert.equal(later.length, 2);
      for (const one of later) assert.ok(at(one) - at(first) >= 60_000, `${at(one) - at(first)} ms`);
    });
  });

  test('T10: flow control inside HTTP 200: the person has it once their minute has room again, once', async () => {
    await over(
      'stream',
      async (company) => {
        // The session of what was said would take the answer, and knows no such limit.
        await company.fault({ match: { path: '/robot/sendBySession' }, times: -1, do: 'business', code: 300001 });
        await company.say('韩梅梅', '/备注 1 甲', { chat: 'private' });
        await company.until(toPerson('韩梅梅'));
        await company.say('韩梅梅', '/备注 2 乙', { chat: 'private' });
        const held = async () => (await company.received('/oToMessages/batchSend')).filter((one) => one.body.includes('协作单 2'));
        await eventually(async () => (await held()).length > 0, 'the call');
        assert.equal((await ready(company)).outbox.waiting, 1, 'it waits');
        await company.control('clock', { advance: 'PT1M' });
        await company.until((one) => toPerson('韩梅梅')(one) && one.text.includes('协作单 2'));
        const calls = await held();
        // A third only where the clock was turned too late for the second.
        assert.ok(calls.length === 2 || calls.length === 3, `${calls.length} calls`);
        for (let i = 1; i < calls.length; ++i) assert.ok(at(calls[i]) - at(calls[i - 1]) >= 10_000, 'not before ten seconds');
        assert.ok(at(calls.at(-1)) - at(calls[0]) >= 10_000 + 60_000, 'and the minute of the platform');
        assert.equal((await company.messages()).filter(toPerson('韩梅梅')).length, 2);
      },
      { limits: { person_per_minute: 1 } },
    );
  });

  test('T11: an outage: few calls meanwhile, then everything, each once; of reminders only the newest', async () => {
    await over(
      'stream',
      async (company) => {
        const faults = [];
        for (const path of ['/v1.0/card/', '/v1.0/robot/', '/robot/sendBySession']) faults.push(await company.fault({ match: { path }, times: -1, do: 'status', status: 503 }));
        const since = Date.now();
        for (let i = 0; i < 10; ++i) await company.say('韩梅梅', `/发起 停机${i}号 给技术部 截止 后天18点`);
        await company.say('韩梅梅', '/发起 停机催办 给技术部 紧急');
        // The last of the reminders is due after eleven.
        await pause(20_000);
        const meanwhile = (await company.received()).filter((one) => one.status === 503).length;
        const most = 3 * 11 + (Date.now() - since) / 1000;
        assert.ok(meanwhile < most, `${meanwhile} calls against a platform that is down`);
        assert.deepEqual(await company.messages(), []);
        for (const { id } of faults) await company.control(`faults/${id}`, undefined, 'DELETE');
        for (let i = 0; i < 10; ++i) await company.until((one) => inGroup(one) && one.text.includes(`停机${i}号`), { within: 90_000, what: `number ${i}` });
        await company.until((one) => inGroup(one) && one.text.includes('停机催办'));
        await drained(company);
        assert.equal((await company.messages()).filter(inGroup).length, 11);
        const reminders = (await company.messages()).filter((one) => toPerson('赵技')(one) && /停机催办.*等你响应/s.test(one.text) && !/状态：/.test(one.text));
        assert.equal(reminders.length, 1, reminders.map((one) => one.text).join('\n'));
      },
      { toml: urgent(...['10%', '25%', '40%', '55%'].map((when) => `{ at = "${when}", to = ["owner"], by = "private" }`)) },
    );
  });

  test('T13: an answer of one byte a second: the deadline of the whole call holds, and the same card is asked for again', async () => {
    await over('stream', async (company) => {
      await company.fault({ match: { path: cards, body_contains: 'IM_GROUP' }, times: 1, do: 'trickle', ms: 1000 });
      const since = Date.now();
      await company.say('韩梅梅', '/发起 慢答 给技术部 截止 后天18点');
      const calls = await eventually(async () => {
        const made = await toGroup(company);
        return made.length >= 2 && made;
      }, 'it was tried again');
      const waited = at(calls[1]) - since;
      assert.ok(waited >= 9000 && waited <= 40_000, `${waited} ms`);
      assert.equal(calls[0].body, calls[1].body, 'the same bytes');
      await drained(company);
      assert.equal((await company.messages()).filter(inGroup).length, 1);
    });
  });

  test('T14: the connection is reset after the platform accepted: the same outTrackId again, one card, and its change once', async () => {
    await over('stream', async (company) => {
      await company.fault({ match: { path: cards, body_contains: 'IM_GROUP' }, times: 1, do: 'reset_after_accept' });
      await company.say('韩梅梅', '/发起 应答丢失 给技术部 截止 后天18点');
      const calls = await eventually(async () => {
        const made = await toGroup(company);
        return made.length >= 2 && made;
      }, 'it was tried again');
      assert.equal(calls[0].body, calls[1].body, 'the same bytes');
      assert.equal(calls[1].code, 'param.cardAlreadyExist');
      await drained(company);
      const [live, ...more] = (await company.messages()).filter(inGroup);
      assert.deepEqual(more, []);
      await company.fault({ match: { method: 'PUT', body_contains: '执行中' }, times: 1, do: 'reset_after_accept' });
      await company.press('赵技', live.id, 'accept');
      await company.until((one) => one.id === live.id && /执行中/.test(one.text));
      await drained(company);
      assert.equal((await company.messages()).filter(inGroup).length, 1);
    });
  });

  test('T16: 500 messages for one group at once: never more than the platform allows, nothing dropped', async () => {
    await over(
      'stream',
      async (company) => {
        await say500(() => company.sayOnce('韩梅梅', '/帮助'));
        // The first minute's, and those of the next: the rest waits for the minutes after.
        await eventually(async () => (await company.messages()).length > 18, 'the second minute', 100_000);
        const shown = (await company.messages()).filter(inGroup).length;
        const calls = await toGroup(company);
        assert.ok(mostInAMinute(calls) >= 15, `${mostInAMinute(calls)} a minute: it drains at the legal rate`);
        assert.ok(mostInAMinute(calls) <= 20, `${mostInAMinute(calls)} in one minute`);
        assert.ok(calls.filter(refused).length <= 20, `${calls.filter(refused).length} refused`);
        await eventually(async () => {
          const { outbox } = await ready(company);
          return (await company.messages()).filter(inGroup).length + outbox.waiting === 500;
        }, async () => `${shown} shown, ${JSON.stringify((await ready(company)).outbox)}`);
        assert.ok(!(await ready(company)).warnings.some((one) => /delivered/.test(one)));
      },
      { limits: { group_per_minute: 20 } },
    );
  });

  test('T16: 500 remarks at once: each is answered, the calls stay below the limits, changes of a card are merged', async () => {
    await over(
      'stream',
      async (company) => {
        await company.say('韩梅梅', '/发起 五百条 给技术部 截止 后天18点');
        const live = await company.liveCard();
        const { short } = numberOf(live.text);
        await drained(company);
        const before = await company.seq();
        const names = Object.keys(people);
        await say500((i) => company.sayOnce(names[i % names.length], `/备注 ${short} 第${1000 + i}条`, { chat: 'private' }));
        const answered = async () => (await company.messages({ after: before })).filter((one) => one.to && /^XB-\d{4}-\d{4} 已备注。$/.test(one.text));
        await eventually(async () => (await answered()).length >= 500, async () => `${(await answered()).length} of 500`, 200_000);
        await drained(company);
        assert.equal((await answered()).length, 500, 'each once');
        const calls = await company.received();
        assert.ok(calls.filter(refused).length <= 50, `${calls.filter(refused).length} refused`);
        const changes = calls.filter((one) => one.method === 'PUT' && one.body.includes(live.card.outTrackId));
        assert.ok(changes.length > 0 && mostInAMinute(changes) <= 20, `${changes.length} changes of the live card for 500 remarks`);
      },
      { limits: { group_per_minute: 20 } },
    );
  });

  test('T17: a gateway that refuses: opened again with growing pauses; what came meanwhile is done once', async () => {
    await over(
      'stream',
      async (company) => {
        const before = (await company.received('/connections/open')).length;
        await company.control('stream', { do: 'refuse', app: 'main', ms: 30_000 });
        await company.control('stream', { do: 'kick', app: 'main' });
        const text = '/发起 重连风暴 给技术部 截止 后天18点';
        const said = company.say('韩梅梅', text, { id: 'msgStorm==' });
        await company.until((one) => inGroup(one) && one.text.includes('重连风暴'), { within: 100_000 });
        await said;
        const opens = (await company.received('/connections/open')).slice(before).map(at);
        assert.ok(opens.length >= 3 && opens.length <= 8, `${opens.length} in 30 seconds`);
        const gaps = opens.slice(1).map((one, i) => one - opens[i]);
        assert.ok(Math.max(...gaps) > 1.5 * Math.min(...gaps), `growing: ${gaps}`);
        assert.ok((await company.say('韩梅梅', text, { id: 'msgStorm==' })).deliveries[0].acked);
        await drained(company);
        assert.equal((await company.messages()).filter(inGroup).length, 1, 'repeated by the platform, done once');
      },
      // Said three times more: after twenty seconds, forty and sixty.
      { limits: { stream_keeps_unheard: 1, stream_robot_repeat_seconds: 20 } },
    );
  });

  test('T17: told to disconnect: the next connection is asked for at once, since what comes in between is lost', async () => {
    await over('stream', async (company) => {
      const before = (await company.received('/connections/open')).length;
      const since = Date.now();
      await company.control('stream', { do: 'disconnect', app: 'main', ms: 40_000 });
      const opens = await eventually(async () => {
        const made = await company.received('/connections/open');
        return made.length > before && made;
      }, 'the next one');
      assert.ok(at(opens[before]) - since < 30_000, `${at(opens[before]) - since} ms: this platform closes the old one after forty seconds`);
      // What ends without being asked to is followed after a pause, and said as closed.
      await eventually(() => /stream\.renewed/.test(company.bot.log), 'the line in the log');
      assert.doesNotMatch(company.bot.log, /stream\.closed/);
    });
  });

  test('T17: what the platform pushes again because it heard no acknowledgement is done once', async () => {
    await over(
      'stream',
      async (company) => {
        const copies = [];
        for (let i = 0; i < 5; ++i) copies.push(company.say('韩梅梅', '/发起 断线途中 给技术部 截止 后天18点', { id: 'msgAgain==' }), company.control('stream', { do: i % 2 ? 'kick' : 'close', app: 'main' }));
        await Promise.all(copies);
        // While the connection that was just closed still seems to stand nobody acknowledges it.
        const again = async () => (await company.say('韩梅梅', '/发起 断线途中 给技术部 截止 后天18点', { id: 'msgAgain==' })).deliveries[0].acked;
        await eventually(again, 'acknowledged as before');
        await company.until((one) => inGroup(one) && one.text.includes('断线途中'));
        await pause(5000);
        await drained(company);
        assert.equal((await company.messages()).filter(inGroup).length, 1);
      },
      { limits: { stream_keeps_unheard: 1, stream_robot_repeat_seconds: 2 } },
    );
  });

  test('T18: a very long text is shortened at a character, with the command for the rest, in card and text', async () => {
    const long = '😀'.repeat(1980);
    for (const toml of ['', 'card_template = "none"\n']) {
      await over(
        'stream',
        async (company) => {
          await company.say('韩梅梅', `/发起 长文 给技术部 截止 后天18点 背景: ${long} 现状: ${long} 影响: ${long}`);
          const shown = await company.until(inGroup);
          assert.match(shown.text, /长文/);
          const { short } = numberOf(shown.text);
          assert.match(shown.text, /未完，发送 \/查看 \d+ 看全文/);
          const all = await readAll(company, '韩梅梅', toPerson('韩梅梅'), `/查看 ${short}`);
          for (const label of ['背景', '现状', '影响']) assert.ok(all.includes(`${label}：${long}`), `${label} is read whole`);
          assert.match(all, /经过（/);
          for (const one of await company.messages()) assert.ok(!/\ufffd|[\ud800-\udbff](?![\udc00-\udfff])/.test(one.text), 'no broken character');
          for (const one of await company.received()) {
            assert.ok(one.method === 'WS' || one.status < 400, `${one.path} ${one.status} ${one.code}`);
            for (const value of Object.values((one.body.startsWith('{') ? JSON.parse(one.body) : {}).cardData?.cardParamMap ?? {})) assert.ok(Buffer.byteLength(value) <= 1024, 'no value over its limit');
          }
        },
        { toml },
      );
    }
  });

  test('T18: a card that the platform no longer knows is sent anew', async () => {
    await over('stream', async (company) => {
      await company.say('韩梅梅', '/发起 旧卡片 给技术部 截止 后天18点');
      const live = await company.liveCard();
      const { short } = numberOf(live.text);
      await company.fault({ match: { method: 'PUT', path: '/card/instances', body_contains: '旧卡片' }, times: -1, do: 'business', code: 'param.cardNotExist' });
      await company.say('赵技', `/接单 ${short}`, { chat: 'private' });
      const anew = await company.until((one) => inGroup(one) && one.kind === 'card' && one.id !== live.id, { what: 'a new card' });
      assert.match(anew.text, /执行中/);
    });
  });

  // Late enough that the group is gone by then, also on a busy machine.
  const reminded = urgentWithin('60s', '{ at = "75%", to = ["owner"], by = "group" }');
  for (const [kind, why] of Object.entries({ chat_dissolved: 'the group is dissolved', bot_removed: 'the bot is removed from the group' })) {
    test(`T19: ${why}: the reminder for the group reaches its owner in private`, async () => {
      await over(
        'stream',
        async (company) => {
          await company.say('韩梅梅', '/发起 群没了 给技术部 紧急');
          const live = await company.liveCard();
          await company.until(toPerson('赵技'), { what: 'the card of the first receiver' });
          const after = await company.seq();
          await company.control('events', { kind, chat: group, user: account('韩梅梅') });
          const told = await company.until((one) => toPerson('赵技')(one) && one.id !== live.id && /等你响应/.test(one.text), { after, within: 120_000, what: 'the reminder in private' });
          assert.match(told.text, /群没了/);
        },
        { toml: reminded },
      );
    });

    test(`T19: ${why}, and no event says so: what finds it out is the first message there, and /体检 says it then`, async () => {
      await over(
        'stream',
        async (company) => {
          const health = async () => {
            const after = await company.seq();
            await company.say('周督办', '/体检', { chat: 'private' });
            return (await company.until(toPerson('周督办'), { after, what: 'the health' })).text;
          };
          await company.say('韩梅梅', '/发起 群没了 给技术部 紧急');
          await company.liveCard();
          await company.until(toPerson('赵技'), { what: 'the card of the first receiver' });
          const after = await company.seq();
          await company.control('events', { kind, chat: group, user: account('韩梅梅') });
          assert.doesNotMatch(await health(), /协作群/, 'nobody has said so yet');
          await company.until((one) => toPerson('赵技')(one) && /等你响应/.test(one.text), { after, within: 120_000, what: 'the reminder in private' });
          await eventually(async () => /群「协作群」[^\n]*已解散，或协办被移出/.test(await health()), 'the lost group');
        },
        { limits: { chat_events: 0 }, toml: reminded },
      );
    });
  }

  for (const [why, change] of Object.entries({ 'has left': { active: false }, 'is out of reach': { visible: false } })) {
    test(`T19: a person ${why}: the next one up the line is told, what failed is counted`, async () => {
      await over('stream', async (company) => {
        await company.say('韩梅梅', '/发起 人不在 给技术部 截止 后天18点');
        const { short } = numberOf((await company.liveCard()).text);
        await company.say('赵技', `/接单 ${short}`, { chat: 'private' });
        const { people: everybody } = await company.control('world');
        await company.control('world', { people: everybody.map((one) => (one.id === account('王工') ? { ...one, ...change } : one)) }, 'PUT');
        const after = await company.seq();
        await company.say('赵技', `/指派 ${short} @王工`, { chat: 'private' });
        // 王工 heads his own department: the next one up the line is the vice president.
        const told = await company.until((one) => toPerson('李副总')(one) && /没能联系到/.test(one.text), { after, what: 'the line above is told' });
        assert.match(told.text, /王工/);
        await eventually(async () => (await ready(company)).warnings.some((one) => one === '1 messages could not be delivered'), async () => JSON.stringify(await ready(company)));
        await company.say('赵技', `/查看 ${short}`, { chat: 'private' });
        await company.until((one) => toPerson('赵技')(one) && /负责人：王工/.test(one.text), { after, what: 'the request stands with its new owner' });
      });
    });
  }

  test('T19: a group that is dissolved and a person out of reach stand in /协作 体检', async () => {
    await over('stream', async (company) => {
      await company.say('韩梅梅', '/发起 体检一下 给技术部 截止 后天18点');
      const { short } = numberOf((await company.liveCard()).text);
      await company.say('赵技', `/接单 ${short}`, { chat: 'private' });
      const { people: everybody } = await company.control('world');
      await company.control('world', { people: everybody.map((one) => (one.id === account('王工') ? { ...one, visible: false } : one)) }, 'PUT');
      await company.control('events', { kind: 'chat_dissolved', chat: group, user: account('韩梅梅') });
      await company.say('赵技', `/指派 ${short} @王工`, { chat: 'private' });
      await company.until((one) => toPerson('李副总')(one) && /没能联系到/.test(one.text));
      const after = await company.seq();
      await company.say('周督办', '/协作 体检', { chat: 'private' });
      const { text } = await company.until(toPerson('周督办'), { after, what: 'the health' });
      assert.match(text, /王工/);
      assert.match(text, /群|协作群/);
    });
  });

  test('the calls of the month are used up: said in /readyz and to the administrator, and what costs no call goes on', async () => {
    await over(
      'stream',
      async (company) => {
        // A session that lives costs no call either.
        await company.say('周督办', '/接单 90', { chat: 'private' });
        await company.until(toPerson('周督办'), { what: 'an answer in private' });
        for (const which of ['甲', '乙', '丙']) {
          const after = await company.seq();
          await company.say('韩梅梅', `/发起 额度${which} 给技术部 截止 后天18点`);
          // A card while there are calls; then its words, through the session of the group.
          await company.until((one) => inGroup(one) && one.text.includes(`额度${which}`), { after, what: `额度${which} in the group` });
        }
        const last = (await company.messages()).find((one) => inGroup(one) && one.text.includes('额度丙'));
        assert.equal(last.kind, 'text');
        await company.until((one) => toPerson('周督办')(one) && /额度|用完|调用/.test(one.text), { within: 60_000, what: 'the alarm' });
        await eventually(async () => (await company.received()).some((one) => one.code === 'Forbidden.AccessDenied.ApiCountLimitForOrg'), 'used up');
        const warned = async () => (await ready(company)).warnings.some((one) => /dingtalk:main.*(month|calls)/.test(one));
        await eventually(warned, async () => JSON.stringify(await ready(company)));
      },
      { limits: { monthly_calls: 2 }, toml: '\n[alarm]\npeople = ["zhou"]\n' },
    );
  });

  test('an answer to what was just said in private goes through its session, and costs no call of the month', async () => {
    await over('stream', async (company) => {
      await company.say('韩梅梅', '/接单 90', { chat: 'private' });
      await company.until(toPerson('韩梅梅'));
      assert.equal((await company.received('/robot/sendBySession')).length, 1);
      assert.deepEqual(await company.received('/robot/oToMessages/batchSend'), []);
    });
  });

  test('how much of the month is used stands in /readyz and /metrics', async () => {
    await over('stream', async (company) => {
      await company.say('韩梅梅', '/发起 额度 给技术部 截止 后天18点');
      await company.liveCard();
      await drained(company);
      const calls = (await company.received()).filter((one) => /card|robot/.test(one.path)).length;
      await eventually(async () => (await ready(company)).budget.some((one) => one.app === 'dingtalk:main' && one.used === calls && one.limit === 5000), async () => JSON.stringify((await ready(company)).budget));
      assert.match((await company.bot.get('metrics')).body, /budget|month/);
    });
  });

  test('an urgent request that nobody answers rings as a DING, for its reader, as long as there is credit', async () => {
    await over(
      'stream',
      async (company) => {
        await company.say('韩梅梅', '/发起 支付中断 给技术部 紧急 影响: 全部订单');
        const rung = await company.until((one) => toPerson('赵技')(one) && one.urgent, { what: 'the DING of the owner' });
        assert.match(rung.text, /支付中断/);
        await company.until((one) => toPerson('王工')(one) && /支付中断/.test(one.text), { what: 'the notice of the head' });
        await company.until((one) => toPerson('李副总')(one) && /支付中断/.test(one.text), { what: 'the notice of the vice president' });
        const calls = await eventually(async () => {
          const made = await company.received('/robot/ding/send');
          return made.length >= 3 && made;
        }, 'the calls');
        await drained(company);
        assert.deepEqual(calls.map((one) => JSON.parse(one.body).receiverUserIdList), [[account('赵技')], [account('王工')], [account('李副总')]]);
        assert.equal((await company.received('/robot/ding/send')).length, 3, 'nobody asks again for credit that is used up');
        assert.deepEqual((await company.messages()).filter((one) => one.urgent).map((one) => one.to), [account('赵技')]);
        // What is logged comes through a pipe, behind what is sent.
        await eventually(() => /urgent\.refused/.test(company.bot.log), 'it is said');
        assert.equal(company.bot.log.match(/urgent\.refused/g).length, 1, 'said once');
        assert.ok(!(await ready(company)).warnings.some((one) => /delivered/.test(one)), 'the notices were');
      },
      // Far enough apart that each goes out before the next one is due.
      { limits: { ding_per_month: 1 }, toml: urgentWithin('60s', ...['owner', 'head', 'vice_president'].map((who, i) => `{ at = "${10 + 35 * i}%", to = ["${who}"], by = "urgent" }`)) },
    );
  });
});
