// The platform's directory: strangers become people, leavers are followed, and /体检 says what is wrong.
import test from 'node:test';
import assert from 'node:assert/strict';
import { connected, dingtalk, eventually, group, people, ready } from './dingtalk_support.mjs';
import { numberOf, withCompany } from './feishu_support.mjs';

/** Known to the platform; in no configuration. */
const newcomer = { id: 'new01', name: '孙新人', mobile: '13800138000', manager: '', departments: ['200'], active: true };

function kit(scopes) {
  const made = dingtalk('stream');
  const world = structuredClone(made.world);
  world.people.push(newcomer);
  if (scopes) world.apps[0].scopes = scopes;
  for (const department of world.departments) department.name = { 200: '技术部', 100: '市场部', 300: '企管部', 400: '总经办' }[department.id];
  world.chats[0].members.push(newcomer.id);
  return { ...made, world, people: { ...made.people, 孙新人: ['', newcomer.id, 'tech'] } };
}
async function running(body, options = {}) {
  await withCompany(async (company) => {
    await connected(company);
    await body(company);
  }, { kit: kit(options.scopes), ...options });
}
const toPerson = (name) => (one) => one.to === (people[name]?.[1] ?? newcomer.id);
/** The bot has been over everybody once. */
function readOnce(company) {
  return eventually(async () => (await company.received('/topapi/v2/user/get')).length >= Object.keys(people).length, 'the directory is read');
}

test('somebody whom only the platform knows raises a request, in the department it names', async () => {
  await running(async (company) => {
    await company.say('孙新人', '/发起 新人的请求 给市场部 截止 后天18点');
    const live = await company.liveCard();
    assert.match(live.text, /孙新人/);
    assert.match(live.text, /技术部/);
    await company.until(toPerson('钱市场'), { what: 'the first receiver is told' });
    const asked = async () => (await company.received('/topapi/v2/user/get')).filter((one) => one.body.includes(newcomer.id)).length;
    const before = await asked();
    assert.ok(before > 0, 'looked up');
    await company.say('孙新人', '/我的', { chat: 'private' });
    await company.until((one) => toPerson('孙新人')(one) && /新人的请求/.test(one.text), { what: 'their list' });
    assert.equal(await asked(), before, 'who is known is not looked up again');
  });
});

test('somebody of a team belongs to the department it is part of', async () => {
  const team = kit();
  team.world.departments.push({ id: '210', name: '后端组', parent: '200', head: '' });
  team.world.people.find((one) => one.id === newcomer.id).departments = ['210'];
  await withCompany(
    async (company) => {
      await connected(company);
      await company.say('孙新人', '/发起 组里的请求 给市场部 截止 后天18点');
      const live = await company.liveCard();
      assert.match(live.text, /孙新人/);
      assert.match(live.text, /技术部/);
    },
    { kit: team },
  );
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

test('/体检 says which group is lost, which right is missing and who cannot be reached', async () => {
  await running(async (company) => {
    await company.say('周督办', '/体检', { chat: 'private' });
    const first = await company.until((one) => toPerson('周督办')(one) && /体检/.test(one.text), { what: 'the first report' });
    assert.match(first.text, /1 人没有任何平台账号[^\n]*失联/);
    assert.doesNotMatch(first.text, /已解散|通讯录读不到/);

    const after = await company.seq();
    await company.control('events', { kind: 'chat_dissolved', chat: group, user: people.韩梅梅[1] });
    await company.say('周督办', '/体检', { chat: 'private' });
    const second = await company.until((one) => toPerson('周督办')(one) && /已解散/.test(one.text), { after, what: 'the lost group' });
    assert.match(second.text, /dingtalk:main/);
  }, { toml: '[[person]]\nid = "lost"\nname = "失联"\ndepartment = "tech"\nidentities = {}\n' });
});

test('an app that may not read the directory serves everybody who is configured, and says so', async () => {
  await running(async (company) => {
    await company.say('韩梅梅', '/发起 照常 给技术部 截止 后天18点');
    await company.liveCard();
    await company.say('孙新人', '/我的', { chat: 'private' });
    const answer = await company.until(toPerson('孙新人'), { what: 'the answer to a stranger' });
    assert.match(answer.text, /还不认识你|联系管理员/);
    const warned = async () => (await ready(company)).warnings.some((one) => /dingtalk:main: the directory cannot be read/.test(one));
    await eventually(warned, async () => JSON.stringify(await ready(company)));
    await company.say('周督办', '/体检', { chat: 'private' });
    await company.until((one) => toPerson('周督办')(one) && /通讯录读不到/.test(one.text), { what: 'the report' });
  }, { scopes: ['qyapi_robot_sendmsg', 'Card.Instance.Write', 'Premium.Ding.Write'] });
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
