// Feishu, end to end on the simulator, where the company or the app is not as it was: a data folder that was emptied, an app
// that is shut out, people who are not in the group, teams within departments, other bots beside ours.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './dingtalk_support.mjs';
import { feishu, group, numberOf, people, saidInPrivate, sealed, withCompany as start } from './feishu_support.mjs';

const patience = 60_000;
const open = (name) => people[name][1];
const toPerson = (name) => (one) => one.to === open(name);
const warnings = async (company) => JSON.parse((await company.bot.get('readyz')).body).warnings;
const withCompany = (body, options = {}) => start(body, { kit: feishu('webhook'), ...options });
const comes = (company, fits, more) => company.until(fits, { within: patience, ...more });

/** An urgent type that reminds in the group within seconds. */
const inGroup = `
[[type]]
id = "urgent"
own_group = false
[[type.clock]]
id = "first_response"
target = "20s"
calendar = "natural"
ladder = [ { at = "20%", to = ["owner"], by = "group" } ]
`;

// They wait more than they work.
describe('a company that is not as it was', { concurrency: 4 }, () => {
  test('an emptied data folder: what is said is answered, and the buttons from before do nothing', async () => {
    await withCompany(async (company) => {
      await company.say('韩梅梅', '/发起 从前的请求 给技术部 截止 后天18点');
      await comes(company, (one) => one.chat === group && one.kind === 'card' && /从前的请求/.test(one.text), { what: 'the live card' });
      const card = await comes(company, (one) => toPerson('赵技')(one) && one.kind === 'card' && /从前的请求/.test(one.text), { what: 'the card of its receiver' });
      await company.bot.kill();
      rmSync(join(company.where, 'data'), { recursive: true, force: true });
      await company.startBot();
      const after = await company.seq();
      await company.say('钱市场', '/发起 后来的请求 给技术部 截止 后天18点');
      const live = await comes(company, (one) => one.chat === group && one.kind === 'card' && /后来的请求/.test(one.text), { after, what: 'the live card of another request' });
      await comes(company, (one) => toPerson('赵技')(one) && one.kind === 'card' && /后来的请求/.test(one.text), { after, what: 'the card of its receiver' });
      await company.say('韩梅梅', '/帮助', { chat: 'private' });
      await comes(company, (one) => toPerson('韩梅梅')(one) && /发起/.test(one.text), { after, what: 'the answer' });
      const pressed = await company.press('赵技', card.id, 'accept');
      assert.match(pressed.answer.toast.content, /过期|不在/);
      const { short } = numberOf(live.text);
      const before = await company.seq();
      await company.say('钱市场', `/查看 ${short}`, { chat: 'private' });
      const detail = await comes(company, (one) => toPerson('钱市场')(one) && /后来的请求/.test(one.text), { after: before, what: 'the details' });
      assert.doesNotMatch(detail.text, /执行中/, 'nobody has accepted the other request');
    });
  });

  for (const [code, reason] of [[99991662, 'disabled'], [99991403, 'used up'], [99991672, 'scope']]) {
    test(`an app that is refused (${code}): it is said, and no message is lost`, async () => {
      await withCompany(
        async (company) => {
          const { id } = await company.fault({ match: { path: '/im/v1/messages' }, times: -1, do: 'business', status: 400, code });
          await company.say('韩梅梅', '/发起 应用停用 给技术部 截止 后天18点');
          await eventually(async () => (await warnings(company)).some((one) => one.startsWith('feishu:main: the platform refuses the app since 20') && one.includes(String(code)) && one.includes(reason)), 'said in /readyz', patience);
          await eventually(() => company.bot.log.includes('app.locked'), 'said in the log', patience);
          assert.deepEqual((await warnings(company)).filter((one) => /could not be delivered/.test(one)), []);
          await company.control(`faults/${id}`, undefined, 'DELETE');
          if (code === 99991403) return; // tried again in an hour
          await company.until((one) => one.chat === group && one.kind === 'card' && /应用停用/.test(one.text), { within: 3 * patience, what: 'the card' });
          await company.until((one) => toPerson('周督办')(one) && /被平台拒绝/.test(one.text), { within: 3 * patience, what: 'the alarm' });
          await eventually(async () => !(await warnings(company)).some((one) => one.includes('refuses the app')), 'over', patience);
        },
        { toml: '[alarm]\npeople = ["zhou"]\n' },
      );
    });
  }

  test('a reminder in a group reaches whoever is not in it in private', async () => {
    const kit = feishu('webhook');
    kit.world = structuredClone(kit.world);
    kit.world.chats[0].members = kit.world.chats[0].members.filter((one) => one !== open('赵技'));
    await withCompany(
      async (company) => {
        await company.say('韩梅梅', '/发起 人不在群 给技术部 紧急');
        const said = await comes(company, (one) => one.chat === group && /等你响应/.test(one.text) && one.mentions.includes(open('赵技')), { what: 'the reminder in the group' });
        const told = await comes(company, (one) => toPerson('赵技')(one) && /等你响应/.test(one.text), { what: 'the reminder in private' });
        assert.match(told.text, /人不在群/);
        assert.ok(told.seq > said.seq);
        assert.ok((await company.received(`/chats/${group}/members`)).length > 1, 'read page by page');
      },
      { kit, toml: inGroup, limits: { members_page: 3 } },
    );
  });

  test('a reminder in a group is said once to whoever is in it', async () => {
    await withCompany(
      async (company) => {
        await company.say('韩梅梅', '/发起 人在群里 给技术部 紧急');
        await comes(company, (one) => one.chat === group && /等你响应/.test(one.text) && one.mentions.includes(open('赵技')), { what: 'the reminder in the group' });
        await eventually(async () => (await company.received(`/chats/${group}/members`)).length > 0, 'the members were read', patience);
        assert.deepEqual((await company.messages()).filter((one) => toPerson('赵技')(one) && /等你响应/.test(one.text)), []);
      },
      { toml: inGroup },
    );
  });

  test('a mention is of us by our account: not of another bot, and whatever the app is called', async () => {
    const kit = feishu('webhook');
    kit.world = structuredClone(kit.world);
    kit.world.apps[0].bot_name = '协作小助手';
    await withCompany(
      async (company) => {
        await eventually(() => company.bot.log.includes('"contacts.self"'), 'it knows who it is', patience);
        const mention = (name, whom, text) => company.control('events', { kind: 'message', user: open('韩梅梅'), chat: group, text: `@${name} ${text}`, mentions: [whom] });
        await mention('天气助手', 'bot:天气助手', '明天下雨吗');
        await mention('协作小助手', 'bot', '/发起 被提到的 给技术部 截止 后天18点');
        await comes(company, (one) => one.chat === group && one.kind === 'card' && /被提到的/.test(one.text), { what: 'what was said afterwards' });
        assert.deepEqual((await company.messages()).filter((one) => one.chat === group && one.kind === 'text'), [], 'no word about the weather');
      },
      { kit, limits: { mention_types: 0 } },
    );
  });

  test('an event from before what is remembered has no effect, and is answered', async () => {
    await withCompany(async (company) => {
      const post = async (event) => {
        const answer = await fetch(new URL('hook/feishu/main', company.bot.url), { method: 'POST', ...sealed(event) });
        return [answer.status, await answer.text()];
      };
      const said = (text, id, ago) => {
        const event = saidInPrivate('韩梅梅', text, id);
        event.event.message.create_time = String(Date.now() - ago);
        return event;
      };
      const hour = 3600 * 1000;
      assert.deepEqual(await post(said('/发起 八天前 给技术部 截止 后天18点', 'om_old', 8 * 24 * hour)), [200, '{}']);
      assert.deepEqual(await post(said('/发起 六天前 给技术部 截止 后天18点', 'om_new', 6 * 24 * hour)), [200, '{}']);
      await comes(company, (one) => one.kind === 'card' && /六天前/.test(one.text), { what: 'the younger one' });
      assert.deepEqual((await company.messages()).filter((one) => /八天前/.test(one.text)), []);
      assert.match(company.bot.log, /intake\.too_old/);
    });
  });

  test('somebody of a team belongs to the department it is part of', async () => {
    const kit = feishu('webhook');
    kit.world = structuredClone(kit.world);
    kit.world.departments.find((one) => one.id === 'od-tech').name = '技术部';
    kit.world.departments.push({ id: 'od-backend', name: '后端组', parent: 'od-tech', head: '' });
    kit.world.people.push({ id: 'ou_new', name: '孙新人', mobile: '', manager: '', departments: ['od-backend'], active: true });
    kit.world.chats[0].members.push('ou_new');
    kit.people = { ...kit.people, 孙新人: ['', 'ou_new', 'tech'] };
    await withCompany(
      async (company) => {
        await company.say('孙新人', '/发起 组里的请求 给市场部 截止 后天18点');
        const live = await comes(company, (one) => one.chat === group && one.kind === 'card' && /组里的请求/.test(one.text), { what: 'the live card' });
        assert.match(live.text, /技术部/);
      },
      { kit },
    );
  });

  test('what people type is no link behind other words, and stands as it was typed', async () => {
    await withCompany(async (company) => {
      const typed = '[官网](https://evil.example)&lt;b&gt;粗';
      await company.say('韩梅梅', `/请假 ${typed}`, { chat: 'private' });
      const said = await comes(company, (one) => toPerson('韩梅梅')(one) && one.kind === 'text' && one.text.includes('evil.example'), { what: 'what it says of that' });
      assert.ok(said.text.includes(typed), said.text);
    });
  });
});
