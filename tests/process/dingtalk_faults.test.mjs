// Each call that DingTalk is asked for, with each way it can fail: delivered once, tried again and delivered, or told. What
// the platform may have done without saying so is seen twice only where it knows no key of ours.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { account, connected, drained, eventually, group, over, ready, secrets, toPerson } from './dingtalk_support.mjs';

process.env.DINGTALK_ROBOT_TOKEN = 'robot-token-canary';
process.env.DINGTALK_ROBOT_SECRET = 'SECrobot-canary';
const alarmed = '\n[alarm]\npeople = ["zhou"]\n';
/** Of the app's own section, which the configuration ends with. */
const textOnly = 'card_template = "none"\n';
/** An urgent notice to the owner within seconds, and nothing after it. */
const urgentSoon = `
[[type]]
id = "urgent"
[[type.clock]]
id = "first_response"
target = "20s"
calendar = "natural"
ladder = [ { at = "10%", to = ["owner"], by = "urgent" } ]
`;
const inGroup = (one) => one.chat === group;

/** How many messages were given up so far. */
async function givenUp(company) {
  const said = (await ready(company)).warnings.find((one) => /could not be delivered/.test(one));
  return said ? Number(said.split(' ')[0]) : 0;
}

/** What every call of the newer host can meet. hang, cut: the platform has done it, and nobody hears so. */
const usual = {
  'time-out': { do: 'hang' },
  429: { do: 'status', status: 429 },
  'calls per second': { do: 'business', code: 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi' },
  503: { do: 'status', status: 503 },
  'system.busy': { do: 'business', code: 'system.busy' },
  'blocked address': { do: 'status', status: 403 },
  'truncated body': { do: 'cut' },
  'expired token': { do: 'expire_token' },
};

/** One company, one fault after the other: `provoke` makes the call, `seen` counts what came of it. `ends`: what is not once. */
function calls(name, { match, faults, ends = {}, provoke, seen, toml = '', prepare, together = false }) {
  test(name, async () => {
    await over(
      'stream',
      async (company) => {
        await prepare?.(company);
        const cells = Object.entries(faults).map(([what, fault], index) => ({ what, fault, title: `${what} ${index}号`, wanted: { seen: 1, told: false, ...ends[what] } }));
        const start = async (cell) => {
          const mine = together ? { ...match, body_contains: cell.title } : match;
          cell.armed = await provoke(company, cell.title, () => company.fault({ match: mine, times: 1, ...cell.fault }));
        };
        const check = async ({ what, title, wanted, armed }) => {
          const shown = () => seen(company, title, armed);
          const called = async () => (await company.received()).some((one) => one.fault === armed.id);
          // A chat takes so many messages a minute, with those that failed: what is one too many waits out the minute.
          await eventually(called, () => `${what}: the call\n${company.bot.log.slice(-3000)}`, 120_000);
          await eventually(async () => (await shown()).length >= wanted.seen, () => `${what}: ${wanted.seen} seen\n${company.bot.log.slice(-3000)}`, 120_000);
          await drained(company, 120_000);
          assert.equal((await shown()).length, wanted.seen, `${what}: seen`);
        };
        let told = 0;
        if (together) for (const cell of cells) await start(cell);
        for (const cell of cells) {
          if (!together) await start(cell);
          await check(cell);
          told += cell.wanted.told ? 1 : 0;
          assert.equal(await givenUp(company), told, `${cell.what}: what is given up is counted, and nothing else is`);
        }
        if (told > 0) await company.until((one) => toPerson('周督办')(one) && /没办成.*xieban retry \w+:\d+/s.test(one.text), { what: 'the alarm' });
      },
      { toml: toml + alarmed },
    );
  });
}

const raise = async (company, title, arm, how = '截止 后天18点') => {
  const armed = await arm();
  await company.say('韩梅梅', `/发起 ${title} 给技术部 ${how}`);
  return armed;
};

describe('the fault matrix', { concurrency: 8 }, () => {
  calls('a card is created under our own name: whatever happens, there is one', {
    match: { path: '/card/instances/createAndDeliver', body_contains: 'IM_GROUP' },
    faults: { ...usual, 'empty 200': { do: 'status', status: 200 }, 'content refused': { do: 'business', code: 'param.contentUnsafe' } },
    provoke: raise,
    seen: async (company, title) => (await company.messages()).filter((one) => inGroup(one) && one.text.includes(title)),
  });

  calls('a card is changed in place: whatever happens, it shows the newest state, and there is one', {
    match: { method: 'PUT', path: '/card/instances', body_contains: '执行中' },
    faults: { ...usual, 'empty 200': { do: 'status', status: 200 } },
    provoke: async (company, title, arm) => {
      const before = await company.seq();
      await company.say('韩梅梅', `/发起 ${title} 给技术部 截止 后天18点`);
      const live = await company.liveCard(before);
      await drained(company);
      const armed = await arm();
      await company.press('赵技', live.id, 'accept');
      return armed;
    },
    seen: async (company, title) => (await company.messages()).filter((one) => inGroup(one) && one.text.includes(title) && /执行中/.test(one.text)),
  });


  calls('a live card as text through the session webhook: nothing lost; seen twice only where nobody heard that it had been shown', {
    toml: textOnly,
    match: { path: '/robot/sendBySession' },
    faults: {
      ...usual,
      'calls per second': { do: 'business', status: 200, code: -1 },
      'session ended': { do: 'business', status: 200, code: 300001 },
      'refused session': { do: 'status', status: 401 },
    },
    ends: { 'time-out': { seen: 2 }, 'truncated body': { seen: 2 } },
    provoke: raise,
    seen: async (company, title) => (await company.messages()).filter((one) => inGroup(one) && one.text.includes(title)),
  });

  calls('an answer to what somebody typed is not repeated when it may have been seen; the one that may be lost is told', {
    toml: textOnly,
    match: { path: '/robot/sendBySession' },
    faults: { ...usual, 'system.busy': { do: 'business', status: 200, code: -1 } },
    ends: { 'time-out': { seen: 1, told: true }, 503: { seen: 0, told: true }, 'truncated body': { seen: 1, told: true } },
    prepare: async (company) => {
      await company.say('韩梅梅', '/发起 查看多次 给技术部 截止 后天18点');
      await company.until((one) => inGroup(one) && one.text.includes('查看多次'));
      await drained(company);
    },
    provoke: async (company, title, arm) => {
      const after = await company.seq();
      const armed = await arm();
      await company.say('韩梅梅', '/查看 1');
      return { ...armed, after };
    },
    seen: async (company, title, { after }) => (await company.messages({ after })).filter((one) => inGroup(one) && /经过/.test(one.text)),
  });

  calls('a message to a group without a session: nothing lost; seen twice only where nobody heard that it had been shown', {
    toml: textOnly,
    match: { path: '/robot/groupMessages/send' },
    faults: { ...usual, 'refused text': { do: 'business', code: 'contain.notAllowed.text' } },
    // Refused words go out as the command that shows them.
    ends: { 'time-out': { seen: 2 }, 'truncated body': { seen: 2 }, 'refused text': { seen: 0 } },
    // Sessions that the platform opens have ended before they are heard of.
    prepare: (company) => company.control('clock', { advance: '-PT2H' }),
    provoke: raise,
    seen: async (company, title) => (await company.messages()).filter((one) => inGroup(one) && one.text.includes(title)),
  });

  calls('a message to one person: nothing lost; seen twice only where nobody heard that it had been shown', {
    toml: textOnly,
    match: { path: '/robot/oToMessages/batchSend', body_contains: account('赵技') },
    faults: { ...usual, 'refused card': { do: 'business', code: 'contain.unsafe.url' } },
    ends: { 'time-out': { seen: 2 }, 'truncated body': { seen: 2 } },
    provoke: raise,
    seen: async (company, title) => (await company.messages()).filter((one) => toPerson('赵技')(one) && one.text.includes(title)),
  });

  calls('a DING behind an urgent notice: rung, at most once more where nobody heard that it had', {
    toml: urgentSoon,
    together: true,
    match: { path: '/robot/ding/send' },
    faults: { ...usual, 'credit used up': { do: 'business', code: 'ding.serverquota.insufficient' } },
    ends: { 'time-out': { seen: 2 }, 'truncated body': { seen: 2 }, 'credit used up': { seen: 0 } },
    provoke: (company, title, arm) => raise(company, title, arm, '紧急'),
    seen: async (company, title) => (await company.messages()).filter((one) => toPerson('赵技')(one) && one.urgent && one.text.includes(title)),
  });

  test('a token that is not to be had: asked for again, and what waits goes out once', async () => {
    const faults = { ...usual, 'wrong secret': { do: 'business', status: 400, code: 'invalidClientIdOrSecret' }, 'refused at once': { do: 'refuse_token' } };
    delete faults['expired token'];
    await over('stream', async (company) => {
      for (const [what, fault] of Object.entries(faults)) {
        const after = await company.seq();
        await company.fault({ match: { path: '/card/instances/createAndDeliver' }, times: 1, do: 'expire_token' });
        const { id } = await company.fault({ match: { path: '/v1.0/oauth2/accessToken' }, times: 1, ...fault });
        await company.say('韩梅梅', '/我的', { chat: 'private' });
        await company.until(toPerson('韩梅梅'), { after, what: `${what}: the answer` });
        await drained(company);
        assert.equal((await company.messages({ after })).length, 1, `${what}: once`);
        const asked = (await company.received('/v1.0/oauth2/accessToken')).filter((one) => one.fault === id);
        assert.equal(asked.length, 1, `${what}: the token was asked for`);
      }
      assert.equal(await givenUp(company), 0);
    });
  });

  test('no token for long: said in /readyz and to the administrator, and nothing is lost', async () => {
    await over(
      'stream',
      async (company) => {
        await company.fault({ match: { path: '/card/instances/createAndDeliver' }, times: 1, do: 'expire_token' });
        const { id } = await company.fault({ match: { path: '/v1.0/oauth2/accessToken' }, times: -1, do: 'business', status: 400, code: 'invalidClientIdOrSecret' });
        await company.say('韩梅梅', '/发起 没有令牌 给技术部 截止 后天18点');
        const locked = async () => (await ready(company)).warnings.some((one) => one.startsWith('dingtalk:main: no access token since 20'));
        await eventually(locked, async () => JSON.stringify(await ready(company)));
        await eventually(() => /app\.locked/.test(company.bot.log), 'the log says so');
        for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
        await company.control(`faults/${id}`, undefined, 'DELETE');
        await company.until((one) => inGroup(one) && one.text.includes('没有令牌'));
        await company.until((one) => toPerson('周督办')(one) && one.text.includes('拿不到访问凭证'), { what: 'the alarm' });
        await eventually(async () => !(await locked()), 'it is over');
      },
      { toml: alarmed },
    );
  });

  test('a long connection that is not to be had: said in /readyz, opened again, and then everything arrives', async () => {
    const faults = { ...usual, 'wrong secret': { do: 'business', status: 400, code: 'invalidClientIdOrSecret' }, 'no JSON': { do: 'status', status: 200 } };
    delete faults['expired token'];
    await over(
      'stream',
      async (company) => {
        for (const [index, [what, fault]] of Object.entries(faults).entries()) {
          const title = `${what} ${index}号`;
          const { id } = await company.fault({ match: { path: '/v1.0/gateway/connections/open' }, times: -1, ...fault });
          await company.startBot();
          const down = async () => {
            const { streams, warnings } = await ready(company);
            return streams[0].state === 'down' && warnings.some((one) => /^dingtalk:main: no long connection since 20.*: (?!not opened yet)/.test(one));
          };
          const asked = async () => (await company.received('/v1.0/gateway/connections/open')).some((one) => one.fault === id);
          if (fault.do === 'hang') await eventually(async () => (await asked()) && (await ready(company)).streams[0].state === 'down', `${what}: down`);
          else await eventually(down, async () => `${what}: ${JSON.stringify(await ready(company))}`);
          await company.control(`faults/${id}`, undefined, 'DELETE');
          await connected(company);
          await eventually(() => /stream\.closed/.test(company.bot.log), `${what}: the log says so`);
          assert.ok(await asked(), what);
          const said = await company.say('韩梅梅', `/发起 ${title} 给技术部 截止 后天18点`);
          assert.ok(said.deliveries[0].acked, what);
          await company.until((one) => inGroup(one) && one.text.includes(title), { what: `${what}: the card` });
          for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
          await company.bot.kill();
        }
      },
      { bot: false },
    );
  });

  calls('the words of a group\'s custom robot: delivered, by the app where the robot is refused; seen twice only where nobody heard', {
    toml: `${textOnly}robots = [ { chat = "${group}", access_token = { env = "DINGTALK_ROBOT_TOKEN" }, secret = { env = "DINGTALK_ROBOT_SECRET" } } ]\n`,
    match: { path: '/robot/send?' },
    faults: {
      'time-out': { do: 'hang' },
      429: { do: 'status', status: 429 },
      503: { do: 'status', status: 503 },
      busy: { do: 'business', status: 200, code: -1 },
      'blocked for minutes': { do: 'business', status: 200, code: 130101 },
      'not signed': { do: 'business', status: 200, code: 310000 },
      'refused token': { do: 'status', status: 401 },
      'truncated body': { do: 'cut' },
      'blocked address': { do: 'status', status: 403 },
    },
    prepare: async (company) => {
      const { apps } = await company.control('world');
      await company.control('world', { apps: [{ ...apps[0], robots: [{ key: process.env.DINGTALK_ROBOT_TOKEN, secret: process.env.DINGTALK_ROBOT_SECRET, chat: group }] }] }, 'PUT');
      // Sessions that the platform opens have ended before they are heard of; the robot's signature wants the right time.
      await company.fault({ match: { path: '/robot/sendBySession' }, times: -1, do: 'business', code: 300001 });
    },
    provoke: raise,
    seen: async (company, title) => (await company.messages()).filter((one) => inGroup(one) && one.text.includes(title)),
  });

  test('words that the platform dislikes: the command that shows them goes out instead, and nothing is given up', async () => {
    await over(
      'stream',
      async (company) => {
        await company.control('clock', { advance: '-PT2H' });
        await company.fault({ match: { path: '/robot/groupMessages/send', body_contains: '被审核' }, times: -1, do: 'business', code: 'contain.notAllowed.text' });
        await company.say('韩梅梅', '/发起 被审核的事 给技术部 截止 后天18点');
        await company.until((one) => inGroup(one) && /没有通过平台的内容审核[^\n]*\/查看 1/.test(one.text), { within: 60_000, what: 'the plain form' });
        await drained(company);
        assert.equal(await givenUp(company), 0);
      },
      { toml: textOnly },
    );
  });

  test('words that no card may show: the one that stands shows the command instead of what is past', async () => {
    await over('stream', async (company) => {
      await company.say('韩梅梅', '/发起 卡片被审核 给技术部 截止 后天18点');
      const live = await company.liveCard();
      await drained(company);
      await company.fault({ match: { path: '/card/instances', body_contains: '执行中' }, times: -1, do: 'business', code: 'param.contentUnsafe' });
      await company.say('赵技', '/接单 1', { chat: 'private' });
      const plain = await company.until((one) => one.id === live.id && /没有通过平台的内容审核[^\n]*\/查看 1/.test(one.text), { within: 60_000, what: 'the plain card' });
      assert.match(plain.text, /XB-\d{4}-0001/);
      assert.doesNotMatch(plain.text, /卡片被审核/);
      await drained(company);
      assert.equal(await givenUp(company), 0);
    });
  });

  test('a stranger whom the directory does not tell of at first is known with their next word', async () => {
    const faults = {
      'time-out': { do: 'hang' },
      429: { do: 'status', status: 429 },
      503: { do: 'status', status: 503 },
      'calls per second': { do: 'business', status: 200, code: 90018 },
      'remote time-out': { do: 'business', status: 200, code: 15 },
      'truncated body': { do: 'cut' },
      'blocked address': { do: 'status', status: 403 },
    };
    const strangers = Object.keys(faults).map((what, index) => ({ what, id: `stranger0${index}`, name: `新人${index}` }));
    await over('stream', async (company) => {
      const { people: known } = await company.control('world');
      const more = strangers.map(({ id, name }) => ({ id, name, mobile: '', manager: '', departments: ['200'], active: true }));
      await company.control('world', { people: [...known, ...more] }, 'PUT');
      for (const { what, id } of strangers) {
        const toThem = (one) => one.to === id;
        const { id: fault } = await company.fault({ match: { path: '/topapi/v2/user/get', body_contains: id }, times: 1, ...faults[what] });
        const say = () => company.control('events', { kind: 'message', user: id, text: '/我的' });
        await say();
        await company.until((one) => toThem(one) && /还不认识你/.test(one.text), { within: 60_000, what: `${what}: nobody yet` });
        assert.ok((await company.received('/topapi/v2/user/get')).some((one) => one.fault === fault), what);
        const after = await company.seq();
        await say();
        await company.until((one) => toThem(one) && /的协作单/.test(one.text), { after, within: 60_000, what: `${what}: known` });
      }
    });
  });

  test('an old host that takes only its own tokens (40014): one is fetched from it, and strangers are known', async () => {
    await over(
      'stream',
      async (company) => {
        const { people: known } = await company.control('world');
        await company.control('world', { people: [...known, { id: 'stranger', name: '孙新人', mobile: '', manager: '', departments: ['200'], active: true }] }, 'PUT');
        await company.control('events', { kind: 'message', user: 'stranger', text: '/我的' });
        await company.until((one) => one.to === 'stranger' && /的协作单/.test(one.text), { within: 60_000, what: 'their list' });
        assert.ok((await company.received('/gettoken')).length > 0);
        const asked = await company.received('/topapi/v2/user/get');
        assert.ok(asked.some((one) => one.code === 40014), 'the app\'s token was refused');
        assert.ok(!(await ready(company)).warnings.some((one) => /directory cannot be read/.test(one)));
      },
      { limits: { oapi_own_tokens: 1 } },
    );
  });

  const templated = 'group_template = "tpl-xieban"\ngroup_robot = "dingrobotofthetemplate"\n';
  const withTemplate = async (company) => {
    const { apps } = await company.control('world');
    await company.control('world', { apps: [{ ...apps[0], group_templates: { 'tpl-xieban': 'dingrobotofthetemplate' } }] }, 'PUT');
  };
  const ofGroups = { ...usual };
  // A long title is cut in the name of its group.
  const madeFor = async (company, title) => (await company.control('world')).chats.filter((one) => one.name.includes(title.slice(0, 10)));

  calls('a scene group: whatever happens, there is one', {
    toml: templated,
    match: { path: '/im/sceneGroup/create' },
    faults: ofGroups,
    prepare: withTemplate,
    provoke: (company, title, arm) => raise(company, title, arm, '紧急'),
    seen: madeFor,
  });

  calls('who joins a request later joins its scene group: whatever happens, once', {
    toml: templated,
    match: { path: '/scenegroup/member/add' },
    faults: {
      'time-out': { do: 'hang' },
      429: { do: 'status', status: 429 },
      503: { do: 'status', status: 503 },
      'calls a second': { do: 'business', status: 200, code: 90018 },
      'remote time-out': { do: 'business', status: 200, code: 15 },
      'truncated body': { do: 'cut' },
      'expired token': { do: 'expire_token' },
      'blocked address': { do: 'status', status: 403 },
    },
    prepare: withTemplate,
    provoke: async (company, title, arm) => {
      const before = await company.seq();
      await company.say('韩梅梅', `/发起 ${title} 给技术部 紧急`);
      const live = await company.until((one) => inGroup(one) && one.kind === 'card' && one.text.includes(title), { after: before, within: 120_000, what: `the card of ${title}` });
      await eventually(async () => (await madeFor(company, title)).length > 0, 'its group', 60_000);
      await drained(company, 120_000);
      const armed = await arm();
      await company.say('赵技', `/指派 ${Number(/XB-\d{4}-(\d{4})/.exec(live.text)[1])} @李雷`, { chat: 'private' });
      return armed;
    },
    seen: async (company, title) => (await madeFor(company, title)).filter((one) => one.members.includes(account('李雷'))),
  });
});
