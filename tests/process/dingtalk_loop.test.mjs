// The whole loop on DingTalk, over Stream and over its callbacks: /发起 alone leads through the questions; the card, its buttons and
// the dialogues behind them do the rest, to the archive.
import test from 'node:test';
import assert from 'node:assert/strict';
import { account, answerAll, drained, group, over, ready, secrets, toPerson } from './dingtalk_support.mjs';
import { numberOf } from './feishu_support.mjs';

/** Whose urgent requests climb their whole line within seconds. */
const soon = `
[[type]]
id = "urgent"
[[type.clock]]
id = "first_response"
target = "20s"
calendar = "natural"
ladder = [
  { at = "10%", to = ["owner"], by = "private" },
  { at = "20%", to = ["owner"], by = "urgent" },
  { at = "30%", to = ["head", "vice_president"], by = "private" },
]
`;
const raised = {
  标题: '新品推广页接口对接',
  交给哪个部门或谁: '技术部',
  截止时间: '后天18点',
  是否紧急: '是',
  目标: '下周一前联调通过',
  背景: '新品下周上线',
  现状: '接口文档未定',
  影响: '预计影响 5000 人次访问',
};

for (const transport of ['stream', 'webhook']) {
  test(`the loop over ${transport}: @-message, questions, card, presses, reminders, escalation, rejection, acceptance, archive`, async () => {
    await over(
      transport,
      async (company) => {
        const hears = (name, words, after = 0) => company.until((one) => toPerson(name)(one) && words.test(one.text), { after, within: 60_000, what: `${name} hears ${words}` });
        const shows = (id, words) => company.until((one) => one.id === id && words.test(one.text), { within: 60_000, what: `the card shows ${words}` });
        const cardInGroup = async () => (await company.messages()).find((one) => one.chat === group && one.kind === 'card' && one.text.includes('新品推广页接口对接'));
        /** Presses a button that asks for words, and answers. */
        const dialogue = async (name, message, action, answers, done) => {
          const after = await company.seq();
          const { acked } = await company.press(name, message, action);
          assert.ok(acked, action);
          return answerAll(company, name, answers, after, async () => (await company.messages({ after })).find(done));
        };

        const said = await company.say('韩梅梅', '/发起');
        assert.ok(said.deliveries[0].acked, JSON.stringify(said));
        await company.until((one) => one.chat === group && /韩梅梅 正在填写/.test(one.text), { within: 60_000, what: 'the group sees that it is being written' });
        const live = await answerAll(company, '韩梅梅', raised, 0, cardInGroup);
        const { short, full } = numberOf(live.text);
        for (const words of ['新品推广页接口对接', '新品下周上线', '接口文档未定', '5000 人次']) assert.ok(live.text.includes(words), live.text);
        const personal = await company.until((one) => toPerson('赵技')(one) && one.kind === 'card' && one.text.includes(full), { within: 60_000, what: 'the first receiver has a card' });
        assert.ok(personal.card.buttons.some((one) => one.text === '接单'));

        // Nobody answers: the owner is reminded, then by DING, then the line above hears of it.
        await hears('赵技', /等你响应/);
        await company.until((one) => toPerson('赵技')(one) && one.urgent && one.text.includes('新品推广页'), { within: 60_000, what: 'the DING' });
        for (const name of ['王工', '李副总']) await hears(name, new RegExp(full));

        assert.ok((await company.press('赵技', live.id, 'accept')).acked);
        const accepted = await shows(live.id, /执行中/);
        assert.match(accepted.text, /赵技/);
        await company.say('赵技', `/指派 ${short} @李雷`, { chat: 'private' });
        const work = await company.until((one) => toPerson('李雷')(one) && one.kind === 'card' && one.text.includes(full), { within: 60_000, what: 'the new owner has a card' });

        const report = { 完成百分比: '40', 情况: '滞后', 原因: '测试环境不稳定', 措施: '今晚加人' };
        await dialogue('李雷', work.id, 'progress', report, (one) => toPerson('韩梅梅')(one) && /测试环境不稳定/.test(one.text));
        await dialogue('李雷', work.id, 'deliver', { 交付说明: '已上线' }, (one) => toPerson('韩梅梅')(one) && /已上线/.test(one.text));
        await shows(live.id, /\[驳回\]/);
        await dialogue('韩梅梅', live.id, 'reject', { 驳回原因: '少了分页' }, (one) => toPerson('李雷')(one) && /少了分页/.test(one.text));
        // The same button of the same card once more.
        await shows(work.id, /\[交付\]/);
        await dialogue('李雷', work.id, 'deliver', { 交付说明: '补了分页' }, (one) => toPerson('韩梅梅')(one) && /补了分页/.test(one.text));
        await shows(live.id, /\[验收通过\]/);
        assert.ok((await company.press('韩梅梅', live.id, 'verify')).acked);
        await shows(live.id, /归档/);

        const after = await company.seq();
        await company.say('韩梅梅', `/查看 ${short}`, { chat: 'private' });
        const { text } = await hears('韩梅梅', /经过（\d+ 条）/, after);
        for (const words of ['发起，交给 技术部 赵技', '提醒了 赵技', '提醒了 王工、李副总', '已归档']) assert.ok(text.includes(words), `${words} in ${text}`);
        const everything = await company.messages();
        const numbers = new Set(everything.flatMap((one) => one.text.match(/XB-\d{4}-\d{4}/g) ?? []));
        assert.deepEqual([...numbers], [full], 'one request');
        assert.equal(everything.filter((one) => one.chat === group && one.kind === 'card').length, 1, 'one card in the group, to the end');
        for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
      },
      { toml: soon },
    );
  });
}

/** Whatever is not documented, the other way round than elsewhere. */
const turned = {
  keep_mentions: 1,
  robot_http_repeats: 1,
  stream_robot_repeat_seconds: 0,
  invalid_token_status: 401,
  session_counts: 1,
  card_again_is_ignored: 1,
  oapi_own_tokens: 1,
};

for (const transport of ['stream', 'webhook']) {
  test(`a request over ${transport} to its archive, where all that nobody has confirmed is otherwise`, async () => {
    await over(
      transport,
      async (company) => {
        const shows = (id, words) => company.until((one) => one.id === id && words.test(one.text), { within: 60_000, what: `the card shows ${words}` });
        const said = await company.say('韩梅梅', '/发起 反过来也行 给技术部 截止 后天18点');
        assert.ok(said.deliveries[0].acked, JSON.stringify(said));
        const live = await company.liveCard();
        const { short, full } = numberOf(live.text);
        await drained(company);

        assert.ok((await company.press('赵技', live.id, 'accept')).acked);
        await shows(live.id, /执行中/);
        await drained(company);

        const { id } = await company.fault({ match: { path: '/card/instances' }, times: 1, do: 'expire_token' });
        const command = { kind: 'message', user: account('赵技'), chat: group, text: `@协办 /指派 ${short} @李雷`, mentions: ['bot', account('李雷')] };
        assert.ok((await company.control('events', command)).deliveries[0].acked);
        await shows(live.id, /李雷/);
        assert.deepEqual((await company.received()).filter((one) => one.fault === id).map((one) => one.status), [401]);
        await company.say('李雷', `/交付 ${short} 已上线`, { chat: 'private' });
        await shows(live.id, /验收/);
        await company.say('韩梅梅', `/验收 ${short} 通过`);
        await shows(live.id, /归档/);

        await drained(company);
        const everything = await company.messages();
        assert.deepEqual([...new Set(everything.flatMap((one) => one.text.match(/XB-\d{4}-\d{4}/g) ?? []))], [full], 'one request');
        assert.equal(everything.filter((one) => one.chat === group && one.kind === 'card').length, 1, 'one card in the group, to the end');
        assert.ok(!(await ready(company)).warnings.some((one) => /could not be delivered/.test(one)), JSON.stringify(await ready(company)));
      },
      { limits: turned },
    );
  });
}
