// Whole stories on WeCom: with the smart bot alone, with an app that hears nothing, by callbacks; and what each of them needs to
// close its loop: addresses that take one reply, accounts in whatever case, encrypted ids.
import test from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { Company, feishu, numberOf, people as feishuPeople, withCompany } from './feishu_support.mjs';
import { account, connected, drained, eventually, givenUp, group, over, press, ready, secrets, toPerson, wecom } from './wecom_support.mjs';

const patience = 60_000;
const hears = (company, name, words, options = {}) =>
  company.until((one) => toPerson(name)(one) && words.test(one.text), { within: patience, what: `${name} hears ${words}`, ...options });
const cardOf = (company, name, words, options = {}) =>
  company.until((one) => toPerson(name)(one) && one.kind === 'card' && words.test(one.text), { within: patience, what: `a card for ${name} with ${words}`, ...options });
async function inPrivate(company, name, text) {
  const said = await company.say(name, text, { chat: 'private' });
  assert.ok(said.deliveries[0].acked, `${name}: ${text}: ${JSON.stringify(said)}`);
}
/** From now on the bot may write to them. */
async function meet(company, ...names) {
  for (const name of names) {
    const after = await company.seq();
    await inPrivate(company, name, '/我的');
    await hears(company, name, new RegExp(`${name} 的协作单`), { after });
  }
}
async function raise(company, text) {
  const said = await company.say('韩梅梅', text);
  assert.ok(said.deliveries[0].acked, JSON.stringify(said));
  const words = new RegExp(text.split(' ')[1]);
  const live = await company.until((one) => one.chat === group && words.test(one.text) && /XB-/.test(one.text), { within: patience, what: 'the request in the group' });
  return { live, ...numberOf(live.text) };
}
/** From the acceptance to the archive, as the owner and the requester type it. */
async function deliverAndAccept(company, { short }) {
  let after = await company.seq();
  await inPrivate(company, '李雷', `/进度 ${short} 40% 滞后 原因: 测试环境不稳定 措施: 今晚加人`);
  await hears(company, '韩梅梅', /测试环境不稳定/, { after });
  after = await company.seq();
  await inPrivate(company, '李雷', `/交付 ${short} 已上线`);
  await hears(company, '韩梅梅', /已上线/, { after });
  after = await company.seq();
  await inPrivate(company, '韩梅梅', `/验收 ${short} 驳回 少了分页`);
  await hears(company, '李雷', /少了分页/, { after });
  after = await company.seq();
  await inPrivate(company, '李雷', `/交付 ${short} 补了分页`);
  await hears(company, '韩梅梅', /补了分页/, { after });
  await inPrivate(company, '韩梅梅', `/验收 ${short} 通过`);
  after = await company.seq();
  await inPrivate(company, '韩梅梅', `/查看 ${short}`);
  await hears(company, '韩梅梅', /归档/, { after });
}

/** What nobody has confirmed about the platform, the other way round than the simulator has it. */
const bent = {
  bad_secret_code: 40091,
  duplicate_check_works: 0,
  group_cards_may_be_sent: 1,
  long_card_text_is_cut: 1,
  long_markdown_is_cut: 1,
  markdown_in_answers: 1,
  repeats_are_sealed_anew: 0,
  replies_per_question: 2,
  response_url_on_socket: 0,
  stream_with_card_on_socket: 1,
  unheard_code: 846607,
  webhook_code: 45033,
};
const worlds = { '': {}, ', where the platform does otherwise all that nobody has confirmed': bent };

for (const [app, [otherwise, limits]] of ['none', 'quiet'].flatMap((one) => Object.entries(worlds).map((world) => [one, world]))) {
  test(`the whole story with ${app === 'none' ? 'the smart bot alone' : 'an app without callback'}: cards in the 1:1 chats are pressed, everything else is typed${otherwise}`, async () => {
    await over({ app }, async (company) => {
      await meet(company, '韩梅梅', '赵技', '李雷');
      const request = await raise(company, '/发起 新品推广页接口对接 给技术部 截止 后天18点 背景: 新品下周上线');
      const card = await cardOf(company, '赵技', new RegExp(request.full));
      assert.equal(card.chat, `bot:${account('赵技')}`, "in the bot's own chat: its buttons are heard there");
      await press(company, '赵技', card, 'accept');
      await company.until((one) => one.id === card.id && one.version > card.version && /执行中/.test(one.text), { within: patience, what: 'the pressed card is updated' });
      let after = await company.seq();
      await inPrivate(company, '赵技', `/指派 ${request.short} @李雷`);
      const task = await cardOf(company, '李雷', new RegExp(request.full), { after });
      // A button that leads into a dialogue: what is asked comes where it was pressed.
      after = await company.seq();
      await press(company, '李雷', task, 'progress');
      await hears(company, '李雷', /进度/, { after });
      await inPrivate(company, '李雷', '取消');
      await deliverAndAccept(company, request);
      await drained(company);
      assert.equal(await givenUp(company), 0);
      for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
    }, { limits });
  });
}

/** Reminders within seconds; what they remind of lasts longer than a busy machine takes to press. */
const hasty = `
[[type]]
id = "urgent"
own_group = false
[[type.clock]]
id = "first_response"
target = "120s"
calendar = "natural"
ladder = [
  { at = "2%", to = ["owner"], by = "private" },
  { at = "4%", to = ["owner"], by = "urgent" },
  { at = "6%", to = ["head", "vice_president"], by = "private" },
]
`;

for (const [otherwise, limits] of Object.entries(worlds)) test(`the whole story by callbacks, of bot and app: reminded, escalated, accepted by a press, delegated, reported, rejected, accepted${otherwise}`, async () => {
  await over(
    { transport: 'webhook', robots: limits === bent },
    async (company) => {
      const request = await raise(company, '/发起 新品推广页接口对接 给技术部 截止 后天18点 紧急 背景: 新品下周上线');
      const card = await cardOf(company, '赵技', new RegExp(request.full));
      await hears(company, '赵技', /等你响应/);
      for (const name of ['王工', '李副总']) await hears(company, name, new RegExp(request.full));
      await press(company, '赵技', card, 'accept');
      await company.until((one) => one.id === card.id && one.version > card.version && /执行中/.test(one.text), { within: patience, what: 'the pressed card is updated' });
      await inPrivate(company, '赵技', `/指派 ${request.short} @李雷`);
      await cardOf(company, '李雷', new RegExp(request.full));
      await deliverAndAccept(company, request);
      for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
    },
    { toml: hasty, limits },
  );
});

// ---- addresses that take one reply ----

test('the bot alone, by callbacks: each question brings the address for its answer, and none is held', async () => {
  await over({ transport: 'webhook', app: 'none' }, async (company) => {
    const { short } = await raise(company, '/发起 一问一答 给技术部 截止 后天18点');
    await drained(company);
    for (const [name, chat] of [['韩梅梅', group], ['赵技', group], ['韩梅梅', 'private'], ['韩梅梅', 'private']]) {
      const after = await company.seq();
      await company.say(name, `/查看 ${short}`, { chat });
      const where = chat === group ? (one) => one.chat === group : toPerson(name);
      await company.until((one) => where(one) && /一问一答/.test(one.text), { after, within: patience, what: `the answer to ${name}` });
      await drained(company);
    }
    // Several at once: nobody's answer takes the address of another one's without another one left for it.
    const after = await company.seq();
    const asked = ['韩梅梅', '赵技', '李雷'];
    await Promise.all(asked.map((name) => company.say(name, `/查看 ${short}`)));
    const answers = async () => (await company.messages({ after })).filter((one) => one.chat === group && /一问一答/.test(one.text));
    await eventually(async () => (await answers()).length >= asked.length, async () => `${(await answers()).length} answers\n${company.bot.log.slice(-3000)}`, patience);
    assert.equal((await ready(company)).warnings.filter((one) => /held/.test(one)).length, 0);
  });
});

const inGroup = `
[[type]]
id = "urgent"
own_group = false
[[type.clock]]
id = "first_response"
target = "40s"
calendar = "natural"
ladder = [ { at = "10%", to = ["owner"], by = "group" } ]
`;

test('by callbacks without a robot nothing leads to the group unasked: whom it is about hears it in private, and nobody is alarmed', async () => {
  await over(
    { transport: 'webhook' },
    async (company) => {
      await raise(company, '/发起 轮到群提醒 给技术部 截止 后天18点 紧急 背景: 试');
      await hears(company, '赵技', /轮到群提醒/);
      await hears(company, '赵技', /等你响应/);
      await drained(company);
      assert.deepEqual((await company.received('/cgi-bin/appchat/send')).filter((one) => one.body.includes(group)), [], "the bot's id of a group is none of the app's");
      assert.equal(await givenUp(company), 0, JSON.stringify(await ready(company)));
    },
    { toml: inGroup },
  );
});

// ---- who is who ----

test('an account that is configured in other letters is the person it is: with their role, in their own chat', async () => {
  const kit = wecom({ app: 'none' });
  const written = { ...kit, configuration: (...args) => kit.configuration(...args).replace('"wecom:main" = "LiLei"', '"wecom:main" = "lilei"').replace('"wecom:main" = "zhao_ji"', '"wecom:main" = "Zhao_Ji"') };
  await withCompany(
    async (company) => {
      await connected(company);
      await meet(company, '韩梅梅', '李雷', '赵技');
      const { short, full } = await raise(company, '/发起 大小写 给技术部 截止 后天18点');
      const card = await cardOf(company, '赵技', new RegExp(full));
      assert.equal(card.chat, `bot:${account('赵技')}`);
      await press(company, '赵技', card, 'accept');
      await company.until((one) => one.id === card.id && /执行中/.test(one.text), { within: patience, what: 'accepted by the first receiver' });
      await inPrivate(company, '赵技', `/指派 ${short} @李雷`);
      const task = await cardOf(company, '李雷', new RegExp(full));
      assert.equal(task.chat, `bot:${account('李雷')}`, 'as the platform writes it');
      const after = await company.seq();
      await inPrivate(company, '李雷', `/交付 ${short} 认得我`);
      await hears(company, '韩梅梅', /认得我/, { after });
    },
    { kit: written },
  );
});

test('a bot that no super administrator made tells encrypted ids: rights are decided by who it is', async () => {
  const kit = wecom({});
  const [main] = kit.world.apps;
  const encrypted = { ...kit, world: { ...kit.world, apps: [{ ...main, bot: { ...main.bot, encrypted_ids: true } }] } };
  await withCompany(
    async (company) => {
      await connected(company);
      const { short, full } = await raise(company, '/发起 认得出来 给技术部 截止 后天18点');
      await cardOf(company, '赵技', new RegExp(full));
      let after = await company.seq();
      await company.say('韩梅梅', `/接单 ${short}`);
      await company.until((one) => /赵技/.test(one.text) && !/执行中/.test(one.text), { after, within: patience, what: 'a refusal that says who may' });
      after = await company.seq();
      await company.say('赵技', `/接单 ${short}`);
      await hears(company, '韩梅梅', /赵技.*接单|接单.*赵技|已接单/s, { after });
      after = await company.seq();
      await company.say('赵技', `/指派 ${short} @李雷`);
      await hears(company, '李雷', new RegExp(full), { after });
      assert.equal((await company.received('/cgi-bin/batch/openuserid_to_userid')).filter((one) => one.accepted).length >= 2, true, 'asked about both');
    },
    { kit: encrypted },
  );
});

// ---- another road ----

test('whom the app does not see hears it from the bot to which they have written', async () => {
  await over({}, async (company) => {
    await meet(company, '赵技');
    const { people: everybody } = await company.control('world');
    await company.control('world', { people: everybody.map((one) => (one.id === account('赵技') ? { ...one, visible: false } : one)) }, 'PUT');
    await raise(company, '/发起 应用看不见 给技术部 截止 后天18点');
    const told = await hears(company, '赵技', /应用看不见/);
    assert.equal(told.chat, `bot:${account('赵技')}`);
    await drained(company);
    assert.equal(await givenUp(company), 0);
    assert.deepEqual((await company.messages()).filter((one) => /没能联系到/.test(one.text)), [], 'nobody is asked to see to it');
  });
});

test('where the bot was removed the robot of the group says what is for everybody there', async () => {
  await over({ robots: true }, async (company) => {
    const { short } = await raise(company, '/发起 机器人还在 给技术部 截止 后天18点');
    // In private: no message of the group waits for a reply, which the bot could still give.
    await inPrivate(company, '赵技', `/接单 ${short}`);
    await hears(company, '韩梅梅', /已接单/);
    await inPrivate(company, '韩梅梅', `/会签 ${short} 李雷`);
    await cardOf(company, '李雷', /机器人还在/);
    await drained(company);
    await company.control('events', { kind: 'bot_removed', chat: group, user: account('韩梅梅') });
    const after = await company.seq();
    await inPrivate(company, '李雷', `/同意 ${short}`);
    await company.until((one) => one.chat === group && /会签完成/.test(one.text), { after, within: patience, what: 'the group hears of it' });
    assert.ok((await company.received('/cgi-bin/webhook/send')).some((one) => one.accepted && one.body.includes('会签完成')), 'from its robot');
    await drained(company);
    assert.equal(await givenUp(company), 0);
  });
});

test('a repeat that the platform does not swallow is refused as a used task: the one card stands, and a press renews it', async () => {
  await over(
    {},
    async (company) => {
      const sent = '/cgi-bin/message/send';
      await company.fault({ match: { path: sent, body_contains: '只有一张' }, times: 1, do: 'cut' });
      await raise(company, '/发起 只有一张 给技术部 截止 后天18点');
      await eventually(async () => (await company.received(sent)).filter((one) => one.body.includes('只有一张')).length > 1, 'asked again', patience);
      await drained(company);
      const theirs = async () => (await company.messages()).filter((one) => toPerson('赵技')(one) && /只有一张/.test(one.text));
      const [card, ...more] = await theirs();
      assert.deepEqual([card.kind, more], ['card', []]);
      await press(company, '赵技', card, 'accept');
      await company.until((one) => one.id === card.id && one.version > card.version && /执行中/.test(one.text), { within: patience, what: 'the pressed card is updated' });
      await eventually(async () => (await company.received('/cgi-bin/message/update_template_card')).some((one) => one.accepted), 'and once more with the code that the press brought', patience);
      await drained(company);
      assert.deepEqual((await theirs()).filter((one) => one.kind === 'card').map((one) => one.id), [card.id]);
      assert.equal(await givenUp(company), 0);
    },
    { limits: { duplicate_check_works: 0 } },
  );
});

test('words that the platform does not let through go without them: there is something, and the command that shows it', async () => {
  await over({ app: 'quiet' }, async (company) => {
    await company.fault({ match: { path: '/cgi-bin/message/send', body_contains: '不让说的话' }, times: -1, do: 'business', code: 40201 });
    const { short } = await raise(company, '/发起 不让说的话 给技术部 截止 后天18点');
    const told = await hears(company, '赵技', new RegExp(`没有通过平台的内容审核[^\\n]*/查看 ${short}`));
    assert.doesNotMatch(told.text, /不让说的话/);
    await drained(company);
    assert.equal(await givenUp(company), 0);
  });
});

// ---- who is told ----

test('a machine whose address is not trusted: the alarm goes out on another platform', async () => {
  const other = new Company(feishu('webhook'));
  await other.start({ bot: false });
  const kit = wecom({ app: 'quiet' });
  const section = other.kit.configuration(other.simUrl);
  const both = {
    ...kit,
    environment: { ...kit.environment, ...other.kit.environment },
    configuration: (...args) => `${kit.configuration(...args)}
[[person]]
id = "gao"
name = "高管理"
department = "pmo"
role = "admin"
identities = { "feishu:main" = "${feishuPeople.李雷[1]}" }
${section.slice(section.indexOf('[[feishu]]'))}
[alarm]
people = ["gao"]
`,
  };
  try {
    await withCompany(
      async (company) => {
        other.bot = company.bot;
        await connected(company);
        const { apps, limits } = await company.control('world');
        await company.control('world', { apps: [{ ...apps[0], app: { ...apps[0].app, trusted_ips: [] } }], limits: { ...limits, gettoken_checks_ip: 0 } }, 'PUT');
        await raise(company, '/发起 地址不可信 给技术部 截止 后天18点');
        const alarm = await other.until((one) => one.to === feishuPeople.李雷[1] && /60020/.test(one.text), { within: patience, what: 'the alarm' });
        assert.match(alarm.text, /127\.0\.0\.1/, 'with the address that the platform saw');
        await eventually(async () => (await ready(company)).warnings.some((one) => /^wecom:main: the platform refuses the app since 20.*60020.*127\.0\.0\.1/.test(one)), async () => JSON.stringify(await ready(company)), patience);
        assert.equal(await givenUp(company), 0);
      },
      { kit: both },
    );
  } finally {
    await other.stop();
  }
});

test('an app that the platform stops is told to the people in [alarm]', async () => {
  await over(
    {},
    async (company) => {
      const raw = (event) => `<xml><ToUserName>${company.kit.world.apps[0].corp_id}</ToUserName><FromUserName>sys</FromUserName><CreateTime>${Math.floor(Date.now() / 1000)}</CreateTime><MsgType>event</MsgType><Event>${event}</Event><EffectTime>${Math.floor(Date.now() / 1000)}</EffectTime></xml>`;
      const told = await company.control('events', { kind: 'raw', channel: 'app', raw: raw('close_inactive_agent') });
      assert.equal(told.deliveries[0].status, 200, JSON.stringify(told));
      await hears(company, '李雷', /close_inactive_agent/);
    },
    { toml: '\n[alarm]\npeople = ["li"]\n' },
  );
});

test('whoever comes into the visible range is not greeted; whoever opens the chat is', async () => {
  await over({}, async (company) => {
    const raw = (event) => `<xml><ToUserName>${company.kit.world.apps[0].corp_id}</ToUserName><FromUserName>${account('李雷')}</FromUserName><CreateTime>${Math.floor(Date.now() / 1000)}</CreateTime><MsgType>event</MsgType><Event>${event}</Event><EventKey></EventKey><AgentID>${company.kit.world.apps[0].app.agent_id}</AgentID></xml>`;
    const send = async (event) => assert.equal((await company.control('events', { kind: 'raw', channel: 'app', raw: raw(event) })).deliveries[0].status, 200);
    await send('subscribe');
    await send('enter_agent');
    await hears(company, '李雷', /我是协办/);
    await drained(company);
    assert.equal((await company.messages()).filter((one) => toPerson('李雷')(one) && /我是协办/.test(one.text)).length, 1);
  });
});

// ---- answers that are none ----

test('T12: nested a hundred thousand deep, or packed: no success, no crash, nothing lost', async () => {
  const deep = '['.repeat(100_000);
  let spoil;
  const between = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const spoilt = spoil && request.url.startsWith('/cgi-bin/message/send') ? spoil : undefined;
    if (spoilt) {
      spoil = undefined;
      response.writeHead(200, spoilt.headers ?? {}).end(spoilt.body);
      return;
    }
    const answer = await fetch(new URL(request.url, between.behind), { method: request.method, headers: { 'content-type': request.headers['content-type'] ?? 'application/json' }, body: request.method === 'POST' ? Buffer.concat(chunks) : undefined });
    response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
  });
  // A kept connection is not closed under the next call.
  between.keepAliveTimeout = 0;
  await new Promise((resolve) => between.listen(0, '127.0.0.1', resolve));
  const kit = wecom({});
  const through = {
    ...kit,
    configuration: (simUrl, ...more) => {
      between.behind = simUrl;
      return kit.configuration(simUrl, ...more).replace(/^api_base = ".*"/m, `api_base = "http://127.0.0.1:${between.address().port}"`);
    },
  };
  try {
    await withCompany(
      async (company) => {
        await connected(company);
        const spoilt = { deep: { body: deep }, 'deep inside': { body: `{"errcode":0,"x":${deep}` }, packed: { body: '\x1f\x8b\x08 no JSON', headers: { 'content-encoding': 'gzip' } } };
        for (const [index, [what, answer]] of Object.entries(spoilt).entries()) {
          spoil = answer;
          await raise(company, `/发起 深答${index}号 给技术部 截止 后天18点`);
          await cardOf(company, '赵技', new RegExp(`深答${index}号`));
          assert.equal(spoil, undefined, `${what}: it was answered`);
        }
        for (const channel of ['app', 'bot']) {
          const posted = await company.control('events', { kind: 'raw', channel, via: 'webhook', raw: deep });
          assert.ok([400, 401].includes(posted.deliveries[0].status), JSON.stringify(posted));
        }
        await raise(company, '/发起 还活着 给技术部 截止 后天18点');
        assert.ok(company.bot.log.length < 200_000, `${company.bot.log.length} bytes of log`);
      },
      { kit: through },
    );
  } finally {
    between.close();
    between.closeAllConnections();
  }
});
