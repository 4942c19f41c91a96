// A group of the request's own on each platform: made, filled, kept or dissolved; and what happens where none may be made.
import test from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import * as ding from './dingtalk_support.mjs';
import { feishu, numberOf, withCompany } from './feishu_support.mjs';
import * as wecom from './wecom_support.mjs';

const eventually = ding.eventually;
const urgent = '/紧急 支付页打不开 给技术部 目标: 恢复下单';

const members = ['赵技', '韩梅梅', '王工'];
/** The group that was made, once its card stands in it. */
async function madeGroup(company, title = '支付页打不开') {
  const made = await eventually(async () => (await company.control('world')).chats.find((one) => one.name.includes(title)), async () => `no group was made:\n${company.bot.log.slice(-3000)}`);
  await company.until((one) => one.chat === made.id && one.text.includes(title), { what: 'the card in the new group' });
  return made;
}
const groups = async (company) => (await company.control('world')).chats.filter((one) => one.name.includes('XB-'));
const accounts = (company, names) => names.map((name) => company.kit.people[name][1]).sort();
const there = (company, group, names, what) =>
  eventually(async () => {
    const found = (await company.control('world')).chats.find((one) => one.id === group.id);
    return found && JSON.stringify([...found.members].sort()) === JSON.stringify(accounts(company, names));
  }, async () => `${what}: ${JSON.stringify((await company.control('world')).chats.find((one) => one.id === group.id))}`);

/** What holds wherever the bot hears what is said in the group. */
async function story(company) {
  await company.say('韩梅梅', urgent);
  const group = await madeGroup(company);
  const number = numberOf(group.name);
  await there(company, group, members, 'who takes part');
  await company.until((one) => one.chat === company.kit.group && one.text.includes(`专用群「${group.name}」`), { what: 'the line in the original group' });

  const seq = await company.seq();
  await company.say('赵技', `/指派 ${number.short} @李雷`, { chat: group.id });
  await there(company, group, [...members, '李雷'], 'who was assigned joins');
  await company.say('李雷', `/接单 ${number.short}`, { chat: group.id });
  await company.until((one) => one.chat === group.id && one.text.includes('执行中'), { after: seq, what: 'the card in the new group says so' });
  await ding.drained(company);
  assert.equal((await groups(company)).length, 1);
  const said = (await company.messages()).filter((one) => one.chat === group.id && one.text.includes('大家好'));
  assert.equal(said.length, 0, 'no greeting in a group that Xieban made');
  return { group, number };
}

test('Feishu: an urgent request gets its group, with members, announcement and card; it stays when the request is closed', async () => {
  await withCompany(async (company) => {
    const { group, number } = await story(company);
    const now = (await company.control('world')).chats.find((one) => one.id === group.id);
    assert.match(now.announcement.join('\n'), /目标：恢复下单[\s\S]*\/查看 1/);
    assert.match(now.description, /恢复下单/);
    await company.control('events', { kind: 'bot_added', chat: group.id, user: company.kit.people.韩梅梅[1] });
    await company.say('韩梅梅', `/取消 ${number.short} 已恢复`);
    await ding.drained(company);
    await pause(500);
    assert.equal((await groups(company)).length, 1, 'kept');
    assert.equal((await company.messages()).filter((one) => one.chat === group.id && one.text.includes('大家好')).length, 0);
  });
});

const dissolving = '\n[[type]]\nid = "urgent"\nown_group_after = "dissolve"\n';

test('Feishu: dissolved when the request is closed, if the type says so; reopened, it gets another one', async () => {
  await withCompany(
    async (company) => {
      await company.say('韩梅梅', urgent);
      const group = await madeGroup(company);
      const { short } = numberOf(group.name);
      await company.say('韩梅梅', `/取消 ${short} 已恢复`);
      await eventually(async () => (await groups(company)).length === 0, () => `never dissolved:\n${company.bot.log.slice(-3000)}`);
      await ding.drained(company);
      await company.say('韩梅梅', `/重开 ${short} 又坏了`);
      const second = await madeGroup(company);
      assert.notEqual(second.id, group.id);
    },
    { toml: dissolving },
  );
});

test('Feishu: the older announcement format is taken where the group has it', async () => {
  await withCompany(
    async (company) => {
      await company.say('韩梅梅', urgent);
      const group = await madeGroup(company);
      await eventually(async () => (await groups(company)).find((one) => one.id === group.id).announcement.join('\n').includes('恢复下单'), 'no announcement');
    },
    { limits: { old_announcements: 1 } },
  );
});

test('Feishu: an answer that is lost is asked for again, and there is one group', async () => {
  await withCompany(async (company) => {
    await company.fault({ match: { method: 'POST', path: '/im/v1/chats?' }, times: 1, do: 'reset_after_accept' });
    await company.say('韩梅梅', urgent);
    await madeGroup(company);
    const calls = (await company.received('/im/v1/chats?')).filter((one) => one.method === 'POST');
    assert.ok(calls.length >= 2, 'it was tried again');
    assert.equal(calls[0].body, calls[1].body);
    assert.equal((await groups(company)).length, 1);
  });
});

// Which answer is that of the group call depends on what else is asked of the platform: the process dies behind each in turn.
test('Feishu: the process dies behind an answer of the platform, before it is on disk: one group, and the request knows it', async () => {
  let repeated = 0;
  for (let passing = 1; passing <= 40 && repeated === 0; ++passing) {
    await withCompany(
      async (company) => {
        const up = await company.startBot(['--crash-at', `replied:${passing}`]).then(() => true, () => false);
        if (!up) return; // it was an answer about the directory
        const { deliveries } = await company.say('韩梅梅', urgent);
        const died = await Promise.race([company.bot.exit.then(() => true), pause(10_000, false, { ref: false })]);
        if (!died || deliveries[0].status !== 200) return;
        await company.startBot();
        await madeGroup(company);
        await ding.drained(company);
        assert.equal((await groups(company)).length, 1, `dead at ${passing}`);
        const calls = (await company.received('/im/v1/chats?')).filter((one) => one.method === 'POST');
        assert.equal(new Set(calls.map((one) => one.body)).size, 1, 'a repeat says the same');
        repeated += calls.length - 1;
      },
      { bot: false },
    );
  }
  assert.ok(repeated > 0, 'one of them was the group');
});

test('Feishu: someone who cannot be invited is not in the way of the others', async () => {
  await withCompany(async (company) => {
    const { people } = await company.control('world');
    await company.control('world', { people: people.map((one) => (one.name === '王工' ? { ...one, visible: false } : one)) }, 'PUT');
    await company.say('韩梅梅', urgent);
    const group = await madeGroup(company);
    await there(company, group, ['赵技', '韩梅梅'], 'the others are in it');
  });
});

test('Feishu: without the scope the request goes on where it was raised, and somebody hears of it once', async () => {
  const kit = feishu('webhook');
  kit.world.apps[0].scopes = ['im:message:send_as_bot', 'im:message.urgent', 'im:chat:readonly'];
  await withCompany(
    async (company) => {
      await company.say('韩梅梅', urgent);
      const live = await company.liveCard();
      const told = (one) => one.to === company.kit.people.周督办[1] && one.text.includes('专用群没有建成');
      await company.until(told, { what: 'the PMO hears of it' });
      await company.say('韩梅梅', '/紧急 打印机着火 给技术部');
      await ding.drained(company);
      assert.equal((await company.messages()).filter(told).length, 1);
      assert.equal(company.bot.log.match(/group\.refused/g)?.length, 1, 'one line in the log');
      assert.deepEqual((await ding.ready(company)).warnings.filter((one) => /delivered/.test(one)), [], 'no message is missing');
      assert.equal((await groups(company)).length, 0);
      await company.say('周督办', '/体检', { chat: 'private' });
      await company.until((one) => one.to === company.kit.people.周督办[1] && /建专用群没有成功/.test(one.text), { what: 'the check-up' });
      const accepted = await company.press('赵技', live.id, 'accept');
      assert.equal(accepted.status, 200);
    },
    { kit },
  );
});

test('DingTalk: a scene group by the configured template, its robot speaks there', async () => {
  const kit = ding.dingtalk('webhook');
  kit.world.apps[0].group_templates = { 'tpl-xieban': 'dingrobotofthetemplate' };
  await withCompany(
    async (company) => {
      const { group, number } = await story(company);
      assert.equal(group.owner, company.kit.people.赵技[1], 'who answers for it leads the group');
      await company.say('韩梅梅', `/取消 ${number.short} 已恢复`);
      await ding.drained(company);
      assert.equal((await groups(company)).length, 1, 'kept: the platform dissolves none');
    },
    { kit, toml: 'group_template = "tpl-xieban"\ngroup_robot = "dingrobotofthetemplate"\n' },
  );
});

test('DingTalk: without a template none is made, and the check-up says so', async () => {
  await withCompany(
    async (company) => {
      await company.say('韩梅梅', urgent);
      await ding.drained(company);
      assert.equal((await groups(company)).length, 0);
      await company.say('周督办', '/体检', { chat: 'private' });
      await company.until((one) => one.to === company.kit.people.周督办[1] && /建不了专用群/.test(one.text), { what: 'the check-up' });
    },
    { kit: ding.dingtalk('webhook') },
  );
});

test('WeCom: an appchat, one way; who joins later is added', async () => {
  await wecom.over({}, async (company) => {
    await company.say('韩梅梅', urgent);
    const group = await madeGroup(company);
    const { short } = numberOf(group.name);
    await there(company, group, members, 'who takes part');
    // Nobody hears what is said there: commands go on in the original group.
    await company.say('赵技', `/指派 ${short} @李雷`);
    await there(company, group, [...members, '李雷'], 'who was assigned joins');
    await company.say('韩梅梅', `/取消 ${short} 已恢复`);
    await ding.drained(company);
    assert.equal((await groups(company)).length, 1, 'kept');
  });
});

test('WeCom: someone whom the app does not see is not in the way of the others', async () => {
  await wecom.over({}, async (company) => {
    const { people } = await company.control('world');
    await company.control('world', { people: people.map((one) => (one.name === '王工' ? { ...one, visible: false } : one)) }, 'PUT');
    await company.say('韩梅梅', urgent);
    const group = await madeGroup(company);
    await there(company, group, ['赵技', '韩梅梅'], 'the others are in it');
    await company.say('赵技', `/指派 ${numberOf(group.name).short} @李雷`);
    await there(company, group, ['赵技', '韩梅梅', '李雷'], 'who was assigned joins');
  });
});

test('WeCom: the app is not visible to the whole company: the request goes on, and somebody hears of it once', async () => {
  const kit = wecom.wecom();
  kit.world.apps[0].app.whole_company = false;
  await withCompany(
    async (company) => {
      await wecom.connected(company);
      await company.say('韩梅梅', urgent);
      await company.say('韩梅梅', '/紧急 打印机着火 给技术部');
      const told = (one) => one.to === company.kit.people.周督办[1] && one.text.includes('专用群没有建成');
      await company.until(told, { what: 'the PMO hears of it' });
      await ding.drained(company);
      assert.equal((await company.messages()).filter(told).length, 1);
      assert.equal((await groups(company)).length, 0);
    },
    { kit },
  );
});
