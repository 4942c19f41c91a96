// Each way on which WeCom is told something, with each way it can fail: delivered once, tried again and delivered, or told.
// What the platform may have done without saying so is seen twice only where it knows no key of ours: everywhere but on the
// cards of an app, whose task_id it knows.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { account, connected, drained, eventually, givenUp, group, over, press, ready, second, secrets, subscriptions, tellApp, third, toPerson, unanswerable } from './wecom_support.mjs';

const alarmed = '\n[alarm]\npeople = ["li"]\n';
const business = (code) => ({ do: 'business', code });
/** What every call can meet: the platform has done it, and nobody hears so; or it has not. */
const unheardOf = { 'time-out': { do: 'hang' }, 'truncated body': { do: 'cut' } };
const notDone = { 503: { do: 'status', status: 503 }, 'system busy': business(-1), 'too many at once': business(45033) };
const usual = { ...unheardOf, ...notDone, 'reset after it was accepted': { do: 'reset_after_accept' }, 'no HTTP': { do: 'garbage' }, 'empty 200': { do: 'status', status: 200 } };
const ofToken = { 'expired token': { do: 'expire_token' }, 'invalid token': business(40014), 'another kind of token': business(40001) };
/** For a minute nobody is to ask again there. */
const pausing = { 429: { do: 'status', status: 429 }, 'too often': business(45009) };
const twice = { 'time-out': { seen: 2 }, 'truncated body': { seen: 2 }, 'reset after it was accepted': { seen: 2 }, 'no HTTP': { seen: 2 } };
const at = (call) => Date.parse(call.at);

/** `places`: conversations that do not wait for each other: one for what passes; with three, two for what asks for a minute. */
function calls(name, { how, path, faults, ends = {}, provoke, seen, places, toml = '', prepare }) {
  test(name, async () => {
    await over(
      how,
      async (company) => {
        await prepare?.(company);
        const cell = (what, fault, index, place) => ({ what, fault, place, title: `故障${index}号`, wanted: { seen: 1, told: 0, ...ends[what] } });
        const waiting = (places.length < 3 ? [] : Object.entries(pausing)).map(([what, fault], index) => cell(what, fault, index + 20, places[index + 1]));
        const passing = Object.entries(faults).map(([what, fault], index) => cell(what, fault, index, places[0]));
        const start = async (one) => {
          const arm = (match = { path, body_contains: one.title }) => company.fault({ match, times: 1, ...one.fault });
          one.armed = await provoke(company, one.title, arm, one.place);
          const called = async () => (await company.received(path)).some((call) => call.fault === one.armed.id);
          await eventually(called, () => `${one.what}: the call\n${company.bot.log.slice(-3000)}`);
        };
        const arrives = (one, within) => eventually(async () => (await seen(company, one.title)).length >= one.wanted.seen, async () => `${one.what}: ${one.wanted.seen} seen of ${JSON.stringify(await company.messages())}\n${company.bot.log.slice(-3000)}`, within);
        for (const one of waiting) await start(one);
        for (const one of passing) {
          await start(one);
          await arrives(one, 60_000);
        }
        for (const one of waiting) {
          await arrives(one, 100_000);
          const again = async () => {
            const all = (await company.received(path)).filter((call) => call.body.includes(one.title));
            return all.length > 1 && all;
          };
          const made = await eventually(again, `${one.what}: asked again`, 90_000);
          assert.ok(at(made[1]) - at(made[0]) >= 60_000, `${one.what}: ${at(made[1]) - at(made[0])} ms`);
        }
        await drained(company);
        for (const one of [...waiting, ...passing]) assert.equal((await seen(company, one.title)).length, one.wanted.seen, `${one.what}: seen`);
        assert.equal(await givenUp(company), passing.reduce((sum, one) => sum + one.wanted.told, 0), 'what is given up is counted, and nothing else is');
        for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
      },
      { toml: toml + alarmed },
    );
  });
}

/** Raised in private, for a department whose first receiver is in another conversation each. */
const receivers = { 技术部: '赵技', 市场部: '钱市场', 企管部: '周督办' };
const departments = Object.keys(receivers);
const raise = async (company, title, arm, department) => {
  const armed = await arm();
  await company.say('李副总', `/发起 ${title} 给${department} 截止 后天18点`);
  return armed;
};
const received = async (company, title) => (await company.messages()).filter((one) => Object.values(receivers).some((name) => toPerson(name)(one)) && one.text.includes(title));
/** But for the copy that names who is to act: a bot alone has no private chat for it. */
const inAnyGroup = async (company, title) => (await company.messages()).filter((one) => one.to === null && one.text.includes(title) && !one.text.startsWith('<@'));
const robotsOnly = { transport: 'webhook', app: 'none', robots: true };
const raiseUnanswerable = async (company, title, arm, chat) => {
  const armed = await arm();
  await unanswerable(company, chat, `/发起 ${title} 给技术部 截止 后天18点`);
  return armed;
};

const refuse = (code) => ({ do: 'refuse_frames', code });
const ofFrames = {
  'ack lost': { do: 'lost_acks' },
  'ack too late': { do: 'late_acks', ms: 14_000 },
  'ack late': { do: 'late_acks', ms: 2000 },
  'system busy': refuse(-1),
  'too many at once': refuse(45033),
  'not subscribed': refuse(846609),
  'old req_id': refuse(846605),
  'not such a message': refuse(40008),
  'an old client': refuse(600039),
};
const unheard = { 'ack lost': { seen: 2 }, 'ack too late': { seen: 2 } };
const pausingFrames = { 'too many for the chat': refuse(846607), 'too often': refuse(45009) };

/** One fault after the other; those that ask for a minute in companies of their own. */
function frames(name, { how, cmd, faults = ofFrames, ends = {}, provoke, seen, toml = '', prepare }) {
  const company_of = (title, some) =>
    test(title, async () => {
      await over(
        how,
        async (company) => {
          await prepare?.(company);
          let told = 0;
          for (const [index, [what, trouble]] of Object.entries(some).entries()) {
            const wanted = { seen: 1, told: 0, ...ends[what] };
            const mark = `故障${index}号`;
            const sent = async () => (await company.received(`/${cmd}`)).length;
            const before = await sent();
            const standing = await subscriptions(company);
            await company.control('stream', { app: 'main', cmd, times: 1, ...trouble });
            await provoke(company, mark);
            await eventually(async () => (await sent()) > before, () => `${what}: the frame\n${company.bot.log.slice(-3000)}`);
            await eventually(async () => (await seen(company, mark)).length >= wanted.seen, async () => `${what}: ${wanted.seen} seen of ${JSON.stringify(await company.messages())}\n${company.bot.log.slice(-3000)}`, 90_000);
            if (trouble.code === 846609) await connected(company, standing + 1);
            await drained(company);
            assert.equal((await seen(company, mark)).length, wanted.seen, `${what}: seen`);
            told += wanted.told;
            assert.equal(await givenUp(company), told, `${what}: what is given up is counted, and nothing else is`);
          }
        },
        { toml: toml + alarmed },
      );
    });
  company_of(name, faults);
  for (const [what, trouble] of Object.entries(pausingFrames)) company_of(`${name}: ${what}`, { [what]: trouble });
}
const raiseInGroup = (company, title) => company.say('韩梅梅', `/发起 ${title} 给技术部 截止 后天18点`);


describe('the fault matrix', { concurrency: 8 }, () => {
  // ---- over HTTP ----

  calls("an app's card: whatever happens, there is one", {
    how: {},
    path: '/cgi-bin/message/send',
    faults: { ...usual, ...ofToken, 'not such a card': business(40058), 'not a code of the list': business(99999) },
    places: departments,
    provoke: raise,
    seen: received,
  });

  calls("an app's text: nothing lost; seen twice only where nobody heard that it had been shown", {
    how: { app: 'quiet' },
    path: '/cgi-bin/message/send',
    faults: { ...usual, ...ofToken, 'not permitted': business(48002) },
    ends: { ...twice, 'not permitted': { seen: 0, told: 1 } },
    places: departments,
    provoke: raise,
    seen: received,
  });

  const updates = {
    how: {},
    path: '/cgi-bin/message/update_template_card',
    ends: { ...twice, 'code used': { seen: 2 } },
    provoke: async (company, title, arm, department) => {
      await company.say('李副总', `/发起 ${title} 给${department} 截止 后天18点`);
      const shown = await company.until((one) => toPerson(receivers[department])(one) && one.text.includes(title));
      const armed = await arm();
      await press(company, receivers[department], shown, 'accept');
      return armed;
    },
    seen: async (company, title) => (await received(company, title)).filter((one) => /执行中/.test(one.text)),
  };
  calls('the update of a card after a press: it shows the newest state', { ...updates, faults: { ...ofToken, 'system busy': usual['system busy'], 503: usual[503] }, places: departments });
  calls('the update of a card after a press: a second card only where the code was used up, or may have been', { ...updates, faults: { 'time-out': usual['time-out'], 'truncated body': usual['truncated body'], 'code used': business(42017) }, places: departments.slice(0, 1) });

  calls('a group robot: nothing lost; seen twice only where nobody heard that it had been shown', {
    how: robotsOnly,
    path: '/cgi-bin/webhook/send',
    faults: { ...unheardOf, 503: notDone[503], 'system busy': notDone['system busy'], 'robot removed': business(93008) },
    ends: { ...twice, 'robot removed': { seen: 0, told: 1 } },
    places: [group, second, third],
    provoke: raiseUnanswerable,
    seen: inAnyGroup,
  });

  calls("an app's group: nothing lost; seen twice only where nobody heard that it had been shown", {
    how: { transport: 'webhook' },
    path: '/cgi-bin/appchat/send',
    faults: { ...usual, ...ofToken },
    ends: twice,
    // Each request has a group of its own.
    places: ['技术部', '技术部', '技术部'],
    provoke: async (company, title, arm, department) => {
      const armed = await arm();
      await company.say('韩梅梅', `/发起 ${title} 给${department} 截止 后天18点 紧急 背景: 试`);
      return armed;
    },
    seen: async (company, title) => (await inAnyGroup(company, title)).filter((one) => one.chat !== group),
  });

  calls("the making of an app's group: whatever happens, there is one", {
    how: { transport: 'webhook' },
    path: '/cgi-bin/appchat/create',
    faults: { ...usual, ...ofToken },
    places: ['技术部'],
    provoke: async (company, title, arm, department) => {
      const armed = await arm();
      await company.say('韩梅梅', `/发起 ${title} 给${department} 截止 后天18点 紧急 背景: 试`);
      return armed;
    },
    seen: async (company, title) => (await company.control('world')).chats.filter((one) => one.name.includes(title)),
  });

  const replies = {
    how: robotsOnly,
    path: '/cgi-bin/aibot/response',
    ends: twice,
    provoke: async (company, title, arm, chat) => {
      const armed = await arm();
      await company.say('韩梅梅', `/发起 ${title} 给技术部 截止 后天18点`, { chat });
      return armed;
    },
    seen: inAnyGroup,
  };
  calls('the address for one reply: when it is busy it is asked again', { ...replies, faults: notDone, places: [group, second, third] });
  calls('the address for one reply: when it does not take it, or may have taken it, the robot of the group says it', { ...replies, faults: { 'time-out': unheardOf['time-out'], 'address used': business(40035), 'foreign address': business(60020) }, places: [group] });

  test('an answer to what somebody typed is not repeated when it may have been seen; the one that may be lost is told', async () => {
    const faults = { 'time-out': [usual['time-out'], 1], 503: [usual[503], 0], 'truncated body': [usual['truncated body'], 1] };
    await over(
      {},
      async (company) => {
        let told = 0;
        for (const [what, [fault, shown]] of Object.entries(faults)) {
          const after = await company.seq();
          await company.fault({ match: { path: '/cgi-bin/message/send', body_contains: account('钱市场') }, times: 1, ...fault });
          await tellApp(company, '钱市场', '/接单 90');
          await eventually(async () => (await givenUp(company)) === told + 1, `${what}: counted`);
          ++told;
          assert.equal((await company.messages({ after })).filter(toPerson('钱市场')).length, shown, what);
        }
        await company.until((one) => toPerson('李雷')(one) && /没办成/.test(one.text), { what: 'the alarm' });
      },
      { toml: alarmed },
    );
  });

  test('a token that is not to be had: asked for again, and what waits goes out once', async () => {
    const faults = { ...unheardOf, ...notDone, 429: { do: 'status', status: 429 }, 'too often': business(45009), 'wrong secret': business(40001), 'foreign address': business(60020), 'refused at once': { do: 'refuse_token' } };
    await over({}, async (company) => {
      for (const [what, fault] of Object.entries(faults)) {
        const after = await company.seq();
        await company.fault({ match: { path: '/cgi-bin/message/send' }, times: 1, do: 'expire_token' });
        const { id } = await company.fault({ match: { path: '/cgi-bin/gettoken' }, times: 1, ...fault });
        await tellApp(company, '韩梅梅', '/接单 90');
        await company.until(toPerson('韩梅梅'), { after, what: `${what}: the answer` });
        await drained(company);
        assert.equal((await company.messages({ after })).length, 1, `${what}: once`);
        assert.equal((await company.received('/cgi-bin/gettoken')).filter((one) => one.fault === id).length, 1, `${what}: the token was asked for`);
      }
      assert.equal(await givenUp(company), 0);
      for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
    });
  });

  test('no token for long: said in /readyz and to the administrator, and nothing is lost', async () => {
    await over(
      { app: 'quiet' },
      async (company) => {
        await company.fault({ match: { path: '/cgi-bin/message/send' }, times: 1, do: 'expire_token' });
        const { id } = await company.fault({ match: { path: '/cgi-bin/gettoken' }, times: -1, ...business(60020) });
        await company.say('韩梅梅', '/发起 没有令牌 给技术部 截止 后天18点');
        const locked = async () => (await ready(company)).warnings.some((one) => /^wecom:main: no access token since 20.*60020.*127\.0\.0\.1/.test(one));
        await eventually(locked, async () => JSON.stringify(await ready(company)));
        await eventually(() => /app\.locked/.test(company.bot.log), 'the log says so');
        for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
        await company.control(`faults/${id}`, undefined, 'DELETE');
        await company.until((one) => toPerson('赵技')(one) && one.text.includes('没有令牌'));
        await company.until((one) => toPerson('李雷')(one) && one.text.includes('拿不到访问凭证'), { what: 'the alarm' });
        await eventually(async () => !(await locked()), 'it is over');
      },
      { toml: alarmed },
    );
  });

  test('an address that is not trusted: said in /readyz with the address, and nothing is lost', async () => {
    await over(
      { app: 'quiet' },
      async (company) => {
        const { apps, limits } = await company.control('world');
        const own = { ...apps[0], app: { ...apps[0].app, trusted_ips: [] } };
        await company.control('world', { apps: [own], limits: { ...limits, gettoken_checks_ip: 0 } }, 'PUT');
        // The directory, which says it, was read at the start: this one meets the address.
        await company.bot.kill('SIGTERM');
        await company.startBot();
        await connected(company, 2);
        // Without a deadline: of one on a day off she would be told besides.
        await company.say('韩梅梅', '/发起 地址不对 给技术部');
        const told = async () => (await ready(company)).warnings.some((one) => /^wecom:main.*60020.*127\.0\.0\.1/.test(one));
        await eventually(told, async () => JSON.stringify(await ready(company)));
        await eventually(() => /app\.locked/.test(company.bot.log), 'the log says so');
        await eventually(async () => (await ready(company)).outbox.waiting === 2, async () => `it waits, and the alarm: ${JSON.stringify(await ready(company))}`);
        assert.equal(await givenUp(company), 0);
      },
      { toml: alarmed },
    );
  });

  // ---- over the long connection ----

  frames('a card in reply: nothing lost; a text after it only where nobody heard that it had been shown', {
    how: {},
    cmd: 'aibot_respond_msg',
    ends: unheard,
    provoke: raiseInGroup,
    seen: inAnyGroup,
  });

  test('with a bot alone, a request that is raised in private is shown to who raised it, once', async () => {
    await over({ app: 'none' }, async (company) => {
      await company.say('赵技', '/接单 90', { chat: 'private' });
      await company.until(toPerson('赵技'));
      await company.say('李副总', '/发起 单聊发起 给技术部 截止 后天18点', { chat: 'private' });
      await company.until((one) => toPerson('李副总')(one) && one.text.includes('单聊发起'));
      await drained(company);
      assert.equal((await company.messages()).filter((one) => toPerson('李副总')(one) && one.text.includes('单聊发起')).length, 1);
    });
  });

  frames('a notice for a group that asked nothing: nothing lost; seen twice only where nobody heard that it had been shown', {
    how: {},
    cmd: 'aibot_send_msg',
    ends: unheard,
    toml: `
[[type]]
id = "urgent"
own_group = false
[[type.clock]]
id = "first_response"
target = "20s"
calendar = "natural"
ladder = [ { at = "10%", to = ["owner"], by = "group" } ]
`,
    provoke: (company, title) => company.say('韩梅梅', `/发起 ${title} 给技术部 紧急`),
    seen: async (company, title) => (await inAnyGroup(company, title)).filter((one) => one.kind === 'text' && /等你响应/.test(one.text)),
  });

  test('an answer over the connection is not repeated when it may have been seen; the one that may be lost is told', async () => {
    await over(
      { app: 'none' },
      async (company) => {
        await company.control('stream', { app: 'main', times: 1, do: 'lost_acks' });
        await company.say('韩梅梅', '/帮助', { chat: 'private' });
        await eventually(async () => (await givenUp(company)) === 1, 'counted');
        await drained(company);
        assert.equal((await company.messages()).filter(toPerson('韩梅梅')).length, 1);
      },
      { toml: alarmed },
    );
  });

  test('a press whose card is not updated counts once, and the next press shows how it stands', async () => {
    for (const trouble of [{ do: 'lost_acks' }, refuse(846605), refuse(-1)]) {
      await over({}, async (company) => {
        await raiseInGroup(company, '按钮没变');
        const live = await company.liveCard();
        await drained(company);
        await company.control('stream', { app: 'main', cmd: 'aibot_respond_update_msg', times: 1, ...trouble });
        await press(company, '赵技', live, 'accept');
        await company.until((one) => toPerson('韩梅梅')(one) && /已接单/.test(one.text), { what: 'who raised it hears of it' });
        if (trouble.do === 'lost_acks') {
          await company.until((one) => one.id === live.id && /执行中/.test(one.text), { what: 'what is not acknowledged stands' });
        } else {
          const [shown] = (await company.messages()).filter((one) => one.id === live.id);
          assert.doesNotMatch(shown.text, /执行中/, 'what is refused does not');
          await press(company, '赵技', live, 'accept');
        }
        await company.until((one) => one.id === live.id && /执行中/.test(one.text), { what: 'the card as it stands' });
        await drained(company);
        assert.equal((await company.messages()).filter((one) => toPerson('韩梅梅')(one) && /已接单/.test(one.text)).length, 1);
      });
    }
  });
});
