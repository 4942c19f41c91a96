// The platform's directory: who is in it, who cannot be seen there, teams below departments, ids of two kinds; and where people
// are answered who have no other chat with the bot than the one they have opened.
import test from 'node:test';
import assert from 'node:assert/strict';
import { numberOf, withCompany } from './feishu_support.mjs';
import { account, connected, eventually, givenUp, group, over, people, ready, toPerson, wecom } from './wecom_support.mjs';

const patience = 60_000;
const titles = { 200: '技术部', 100: '市场部', 300: '企管部', 400: '总经办' };
/** Known to the platform, in a team of the technical department; in no configuration. */
const newcomer = { id: 'new01', name: '孙新人', mobile: '', manager: '', departments: ['210'], active: true };

function withNewcomer() {
  const made = wecom({});
  for (const department of made.world.departments) department.name = titles[department.id];
  made.world.departments.push({ id: '210', name: '后端组', parent: '200', head: '' });
  made.world.people.push(newcomer);
  made.world.chats[0].members.push(newcomer.id);
  return { ...made, people: { ...people, 孙新人: ['', newcomer.id, 'tech'] } };
}
/** A bot that no super administrator made. */
function encrypted() {
  const made = wecom({});
  made.world.apps[0].bot.encrypted_ids = true;
  return made;
}
async function running(kit, body, options = {}) {
  await withCompany(async (company) => {
    await connected(company);
    await body(company);
  }, { kit, ...options });
}
const asked = async (company, user) => (await company.received('/cgi-bin/user/get')).filter((one) => one.query.includes(`userid=${user}`));

test('somebody of a team that only the platform knows belongs to the department it is part of', async () => {
  await running(withNewcomer(), async (company) => {
    await company.say('孙新人', '/本部门', { chat: 'private' });
    await company.until((one) => one.to === newcomer.id && /技术部 的协作单/.test(one.text), { what: "the department's list" });
    await company.say('孙新人', '/发起 组里的请求 给市场部 截止 后天18点');
    await company.until((one) => one.chat === group && /组里的请求/.test(one.text), { what: 'the request in the group' });
    await company.until((one) => toPerson('钱市场')(one) && /组里的请求/.test(one.text), { what: 'the first receiver is told' });
  });
});

test('one who is out of sight keeps nobody else from being read: who has left meanwhile is noticed', async () => {
  await running(wecom({}), async (company) => {
    await company.say('韩梅梅', '/发起 交接测试 给技术部 截止 后天18点');
    const { short } = numberOf((await company.liveCard()).text);
    await company.say('赵技', `/接单 ${short}`, { chat: 'private' });
    await company.until((one) => toPerson('韩梅梅')(one) && /接单/.test(one.text), { what: 'the requester hears of it' });
    // What changes is read again when the bot has been over everybody, and has kept what it read.
    await company.control('events', { kind: 'contact_changed', user: account('周督办') });
    await eventually(async () => (await asked(company, account('周督办'))).length > 1, 'the directory is read');
    await company.bot.kill();

    const { people: everybody } = await company.control('world');
    const changes = { [account('李副总')]: { visible: false }, [account('赵技')]: { active: false } };
    assert.ok(account('李副总') < account('赵技'), 'the bot goes over them in this order');
    await company.control('world', { people: everybody.map((one) => ({ ...one, ...changes[one.id] })) }, 'PUT');
    const after = await company.seq();
    await company.startBot();
    await connected(company, 2);
    await company.until((one) => toPerson('王工')(one) && /赵技 已离职/.test(one.text), { after, within: 2 * patience, what: 'the head is told' });
    const warned = async () => (await ready(company)).warnings.filter((one) => /wecom:main: the directory/.test(one));
    await eventually(async () => (await warned()).length > 0, async () => JSON.stringify(await ready(company)));
    assert.equal((await warned()).length, 1, 'it can be read');
    assert.match((await warned())[0], /does not know fu01;/);
    await company.say('周督办', '/体检', { chat: 'private' });
    await company.until((one) => toPerson('周督办')(one) && /fu01/.test(one.text), { after, what: 'the report names them' });
  }, { limits: { contact_events: 1 } });
});

test('encrypted ids: who writes to the bot is answered there, not by the app', async () => {
  await running(encrypted(), async (company) => {
    await company.say('韩梅梅', '/发起 答在原处 给技术部 截止 后天18点');
    const { short } = numberOf((await company.until((one) => one.chat === group && /答在原处/.test(one.text), { what: 'the request' })).text);
    for (const [command, words] of [['/我的', /李雷 的协作单/], [`/查看 ${short}`, /答在原处/], ['/查看 9999', /9999/]]) {
      const after = await company.seq();
      await company.say('李雷', command, { chat: 'private' });
      const answer = await company.until((one) => toPerson('李雷')(one) && words.test(one.text), { after, what: `the answer to ${command}` });
      assert.equal(answer.chat, `bot:${account('李雷')}`, command);
    }
    assert.equal(await givenUp(company), 0);
  });
});

test('encrypted ids: a conversion that fails once makes nobody a stranger for longer than one word', async () => {
  await running(encrypted(), async (company) => {
    await company.fault({ match: { path: '/cgi-bin/batch/openuserid_to_userid' }, times: 1, do: 'business', code: -1 });
    await company.say('李雷', '/我的', { chat: 'private' });
    await company.until((one) => toPerson('李雷')(one) && /还不认识你/.test(one.text), { what: 'nobody knows them' });
    await company.say('李雷', '/我的', { chat: 'private' });
    await company.until((one) => toPerson('李雷')(one) && /李雷 的协作单/.test(one.text), { what: 'their list' });
  });
});

test('the bot alone: what is for one person goes to the 1:1 chat they have opened, and to the group where there is none', async () => {
  await over({ app: 'none' }, async (company) => {
    await company.say('韩梅梅', '/查看 9999');
    await company.until((one) => one.chat === group && /9999/.test(one.text), { what: 'there is nowhere else to say it' });
    await company.say('韩梅梅', '/帮助', { chat: 'private' });
    const own = (one) => one.chat === `bot:${account('韩梅梅')}`;
    await company.until(own, { what: 'the chat is open' });
    const after = await company.seq();
    for (const [command, words] of [['/查看 9999', /9999/], ['/我的', /韩梅梅 的协作单/]]) {
      await company.say('韩梅梅', command);
      await company.until((one) => own(one) && words.test(one.text), { after, what: `the answer to ${command}` });
    }
    assert.deepEqual((await company.messages({ after })).filter((one) => one.chat === group), []);
    await company.say('韩梅梅', '/发起');
    await company.until((one) => one.chat === group && /正在填写/.test(one.text), { after, what: 'the group hears where it goes on' });
    await company.say('韩梅梅', '取消', { chat: 'private' });
    await company.until((one) => own(one) && /已取消填写/.test(one.text), { after, what: 'the dialogue is in private' });
  });
});
