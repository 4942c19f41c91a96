// The platform's directory: strangers become people, leavers are followed, changes are noticed, and /体检 says what is wrong.
// And what the bot says by itself: its first words, and what an entry of its menu stands for.
import test from 'node:test';
import assert from 'node:assert/strict';
import { connected, eventually, ready } from './dingtalk_support.mjs';
import { feishu, group, numberOf, people, withCompany } from './feishu_support.mjs';

/** Known to the platform; in no configuration. */
const newcomer = { id: 'ou_new', name: '孙新人', mobile: '13800138000', manager: '', departments: ['od-tech'], active: true };
const titles = { 'od-tech': '技术部', 'od-market': '市场部', 'od-pmo': '企管部', 'od-boss': '总经办' };
const sending = ['im:message:send_as_bot', 'im:message.group_at_msg:readonly', 'im:message.p2p_msg:readonly', 'im:chat:readonly'];

function kit({ scopes, external = false } = {}) {
  const made = feishu('stream');
  const world = structuredClone(made.world);
  world.people.push(newcomer);
  if (scopes) world.apps[0].scopes = scopes;
  for (const department of world.departments) department.name = titles[department.id];
  world.chats[0].members.push(newcomer.id);
  world.chats[0].external = external;
  return { ...made, world, people: { ...made.people, 孙新人: ['', newcomer.id, 'tech'] } };
}
async function running(body, options = {}) {
  await withCompany(async (company) => {
    await connected(company);
    await body(company);
  }, { kit: kit(options), ...options });
}
const toPerson = (name) => (one) => one.to === (people[name]?.[1] ?? newcomer.id);
const asked = (company, user) => company.received(`/open-apis/contact/v3/users/${user}`);
/** The bot has been over everybody once. */
function readOnce(company) {
  const all = () => Promise.all(Object.values(people).map(([, open]) => asked(company, open)));
  return eventually(async () => (await all()).every((one) => one.length > 0), 'the directory is read');
}

test('somebody whom only the platform knows raises a request, in the department it names', async () => {
  await running(async (company) => {
    await company.say('孙新人', '/发起 新人的请求 给市场部 截止 后天18点');
    const live = await company.liveCard();
    assert.match(live.text, /孙新人/);
    assert.match(live.text, /技术部/);
    await company.until(toPerson('钱市场'), { what: 'the first receiver is told' });
    await company.say('孙新人', '/我的', { chat: 'private' });
    await company.until((one) => toPerson('孙新人')(one) && /新人的请求/.test(one.text), { what: 'their list' });
    const calls = await asked(company, newcomer.id);
    assert.equal(calls.filter((one) => one.method === 'GET').length, 1, 'who is known is not looked up again');
    assert.match(calls[0].query, /user_id_type=open_id/);
  });
});

test('T55: the work of somebody who left goes to who answers for the department within a minute, and it is said', async () => {
  await running(async (company) => {
    await company.say('韩梅梅', '/发起 交接测试 给技术部 截止 后天18点');
    const live = await company.liveCard();
    const { short } = numberOf(live.text);
    await company.until(toPerson('赵技'), { what: 'the first receiver is told' });
    await company.say('赵技', `/接单 ${short}`, { chat: 'private' });
    await company.until((one) => one.id === live.id && /执行中/.test(one.text), { what: 'accepted' });
    await readOnce(company);
    const after = await company.seq();
    await company.control('events', { kind: 'user_left', user: people.赵技[1] });
    await company.until((one) => toPerson('王工')(one) && /赵技 已离职/.test(one.text), { after, what: 'the head is told' });
    await company.until((one) => toPerson('韩梅梅')(one) && /现由 王工/.test(one.text), { after, what: 'the requester is told' });
    const updated = await company.until((one) => one.id === live.id && /王工/.test(one.text), { what: 'the card names the new owner' });
    assert.doesNotMatch(updated.text, /负责人[^\n]*赵技/);
    await company.say('王工', `/交付 ${short} 已完成`, { chat: 'private' });
    await company.until((one) => one.id === live.id && /验收/.test(one.text), { what: 'the new owner delivers' });
  });
});

test('who changes the department or the name is read again', async () => {
  await running(async (company) => {
    await company.say('孙新人', '/我的', { chat: 'private' });
    await company.until(toPerson('孙新人'), { what: 'their list' });
    await readOnce(company);
    const world = await company.control('world');
    const person = world.people.find((one) => one.id === newcomer.id);
    person.name = '孙改名';
    person.departments = ['od-market'];
    await company.control('world', { people: world.people }, 'PUT');
    const before = (await asked(company, newcomer.id)).length;
    await company.control('events', { kind: 'user_changed', user: newcomer.id });
    await eventually(async () => (await asked(company, newcomer.id)).length > before, 'the account is read again');
    // It was asked for; that the answer has come into force, the bot says itself.
    await eventually(async () => {
      const after = await company.seq();
      await company.say('孙新人', '/我的', { chat: 'private' });
      return (await company.until(toPerson('孙新人'), { after, what: 'their list' })).text.includes('孙改名');
    }, 'the new name is known');
    await company.say('孙新人', '/发起 改名以后 给企管部 截止 后天18点');
    const live = await company.liveCard();
    assert.match(live.text, /孙改名/);
    assert.match(live.text, /市场部/);
  });
});

test('/体检 says which group is lost and who cannot be reached', async () => {
  await running(async (company) => {
    await company.say('周督办', '/体检', { chat: 'private' });
    const first = await company.until((one) => toPerson('周督办')(one) && /体检/.test(one.text), { what: 'the first report' });
    assert.match(first.text, /1 人没有任何平台账号[^\n]*失联/);
    assert.doesNotMatch(first.text, /已解散|通讯录读不到/);

    const after = await company.seq();
    await company.control('events', { kind: 'chat_dissolved', chat: group, user: people.韩梅梅[1] });
    await company.say('周督办', '/体检', { chat: 'private' });
    const second = await company.until((one) => toPerson('周督办')(one) && /已解散/.test(one.text), { after, what: 'the lost group' });
    assert.match(second.text, /feishu:main/);
  }, { toml: '[[person]]\nid = "lost"\nname = "失联"\ndepartment = "tech"\nidentities = {}\n' });
});

test('an app that may not read the directory serves everybody who is configured, and says so', async () => {
  await running(async (company) => {
    await company.say('韩梅梅', '/发起 照常 给技术部 截止 后天18点');
    await company.liveCard();
    await company.say('孙新人', '/我的', { chat: 'private' });
    const answer = await company.until(toPerson('孙新人'), { what: 'the answer to a stranger' });
    assert.match(answer.text, /还不认识你|联系管理员/);
    const warned = async () => (await ready(company)).warnings.some((one) => /feishu:main: the directory cannot be read/.test(one));
    await eventually(warned, async () => JSON.stringify(await ready(company)));
    await company.say('周督办', '/体检', { chat: 'private' });
    const report = await company.until((one) => toPerson('周督办')(one) && /通讯录读不到/.test(one.text), { what: 'the report' });
    assert.match(report.text, /99991672/);
    assert.match(report.text, /contact:contact\.base:readonly/, 'and which scope is missing');
  }, { scopes: sending });
});

test('a mobile number in the configuration is enough', async () => {
  await running(async (company) => {
    // Until the number was looked up, the account is a person of its own.
    await eventually(async () => {
      const after = await company.seq();
      await company.say('孙新人', '/我的', { chat: 'private' });
      const { text } = await company.until((one) => toPerson('孙新人')(one) && /的协作单/.test(one.text), { after, what: 'their list' });
      return text.includes('孙配置');
    }, 'the number was looked up');
    await company.say('韩梅梅', '/发起 找手机号的人 给 孙配置 截止 后天18点');
    await company.until((one) => toPerson('孙新人')(one) && /找手机号的人/.test(one.text), { what: 'the account that was found is told' });
  }, { toml: `[[person]]\nid = "by.mobile"\nname = "孙配置"\ndepartment = "tech"\nmobile = "${newcomer.mobile}"\nidentities = {}\n` });
});

test('whose press comes without an open_id is looked up by the id that it has', async () => {
  await running(async (company) => {
    const { people: everybody } = await company.control('world');
    await company.control('world', { people: everybody.map((one) => ({ ...one, user_id: `emp_${one.id}` })), limits: { press_user_ids: 1 } }, 'PUT');
    await company.say('韩梅梅', '/发起 没有 open_id 给技术部 截止 后天18点');
    const live = await company.liveCard();
    const mine = await company.until((one) => toPerson('赵技')(one) && one.kind === 'card', { what: 'the card of the first receiver' });
    const accepted = await company.press('赵技', mine.id, 'accept');
    assert.equal(accepted.answer.toast.type, 'success', JSON.stringify(accepted.answer));
    await company.until((one) => one.id === live.id && /执行中/.test(one.text) && /赵技/.test(one.text), { what: 'accepted' });
    await company.until((one) => one.id === mine.id && JSON.stringify(one.card).includes('.progress.'), { what: 'the newer buttons' });
    const progress = await company.press('赵技', mine.id, 'progress');
    assert.match(progress.answer.toast.content, /填写下面的表单/, 'it was pressed in private');
    await company.until((one) => toPerson('赵技')(one) && JSON.stringify(one.card ?? '').includes('"form"'), { what: 'the form, to the account that can be written to' });
    assert.ok((await asked(company, 'emp_ou_zhao')).some((one) => /user_id_type=user_id/.test(one.query)));
  });
});

test('a group that the bot comes into is welcomed once, however often the platform says it', async () => {
  await running(async (company) => {
    await company.control('events', { kind: 'bot_added', chat: group, user: people.韩梅梅[1], id: 'added-1', copies: 3, parallel: true });
    const hello = await company.until((one) => one.chat === group && /我是协办/.test(one.text), { what: 'the welcome' });
    for (const command of ['/发起', '/我的', '/帮助']) assert.ok(hello.text.includes(command), hello.text);
    assert.equal(hello.kind, 'card');
    const before = await company.seq();
    const pressed = await company.press('韩梅梅', hello.id, 'help');
    assert.equal(pressed.answer.toast.type, 'success', JSON.stringify(pressed.answer));
    await company.until((one) => toPerson('韩梅梅')(one) && /协办 · 帮助/.test(one.text), { after: before, what: 'the help, in private' });
    assert.doesNotMatch(hello.text, /外部人员/);
    await company.control('events', { kind: 'bot_added', chat: group, user: people.韩梅梅[1], id: 'added-2' });
    const after = await company.seq();
    await company.say('韩梅梅', '/我的');
    await company.until((one) => toPerson('韩梅梅')(one) || /韩梅梅 的协作单/.test(one.text), { after, what: 'a later answer' });
    const { messages } = await company.control('messages');
    assert.equal(messages.filter((one) => /我是协办/.test(one.text)).length, 1);
  });
});

test('in a group with outsiders the welcome says that only numbers are named, and only they are', async () => {
  await running(async (company) => {
    await company.control('events', { kind: 'bot_added', chat: group, user: people.韩梅梅[1] });
    const hello = await company.until((one) => one.chat === group && /外部人员/.test(one.text), { what: 'the welcome' });
    await company.say('韩梅梅', '/发起 保密报价 给技术部 截止 后天18点');
    const live = await company.until((one) => one.chat === group && one.kind === 'card' && one.id !== hello.id, { what: 'the live card' });
    assert.match(live.text, /XB-\d{4}-\d+/);
    assert.doesNotMatch(live.text, /保密报价/);
  }, { external: true });
});

test('whoever opens the chat with the bot is welcomed the first time', async () => {
  await running(async (company) => {
    const open = () => company.control('events', { kind: 'enter', user: people.李雷[1] });
    await open();
    const hello = await company.until((one) => toPerson('李雷')(one) && /我是协办/.test(one.text), { what: 'the welcome' });
    assert.equal(hello.kind, 'card');
    await open();
    await company.say('李雷', '/我的', { chat: 'private' });
    await company.until((one) => toPerson('李雷')(one) && /李雷 的协作单/.test(one.text), { what: 'their list' });
    await open();
    await company.say('李雷', '/帮助', { chat: 'private' });
    await company.until((one) => toPerson('李雷')(one) && /本部门/.test(one.text), { what: 'the help' });
    const { messages } = await company.control('messages');
    assert.equal(messages.filter((one) => /我是协办/.test(one.text)).length, 1);
  });
});

test("an entry of the bot's menu is the command it names, also for whom only the platform knows", async () => {
  await running(async (company) => {
    const choose = (user, key) => company.control('events', { kind: 'menu', user, key });
    await choose(people.李雷[1], 'mine');
    await company.until((one) => toPerson('李雷')(one) && /李雷 的协作单/.test(one.text), { what: 'their list' });
    await choose(newcomer.id, '/我的');
    await company.until((one) => toPerson('孙新人')(one) && /孙新人 的协作单/.test(one.text), { what: 'the list of a stranger' });
  });
});
