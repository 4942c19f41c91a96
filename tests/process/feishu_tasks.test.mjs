// Action items mirrored into people's own lists of tasks on Feishu: they follow the request, nothing there moves it, and nothing
// that goes wrong there is felt in a chat.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { drained, eventually } from './dingtalk_support.mjs';
import { feishu, group, numberOf, people, withCompany } from './feishu_support.mjs';

const path = '/task/v2/tasks';
const open = (name) => people[name][1];

/** It goes on in the section of the app. */
const toml = 'mirror_tasks = true\n';
const tasks = async (company) => (await company.control('world')).tasks;
const calls = async (company, method) => (await company.received(path)).filter((one) => one.method === method);
const warnings = async (company) => JSON.parse((await company.bot.get('readyz')).body).warnings;

/** A request of 技术部, and its first task, of 李雷; answers its short number. */
async function withTask(company, title = '支付接口') {
  const after = await company.seq();
  await company.say('韩梅梅', `/发起 ${title} 给技术部 截止 下下周五18点`);
  const { short } = numberOf((await company.until((one) => one.chat === group && one.kind === 'card' && one.text.includes(title), { after })).text);
  await company.say('赵技', `/接单 ${short}`);
  await company.say('赵技', `/任务 ${short} @李雷 联调${title} 截止 下周五18点 标准: 通过验收用例`);
  return short;
}
/** Its mirror, once it is as it should be. */
function mirror(company, fits, what, within = 60_000) {
  return eventually(
    async () => (await tasks(company)).find(fits),
    async () => `${what}: ${JSON.stringify(await tasks(company))}\n${company.bot.log.slice(-3000)}`,
    within,
  );
}
const of = (title) => (one) => one.summary.endsWith(`联调${title}`);

describe('mirrored tasks', { concurrency: 4 }, () => {
  test("a task comes into its owner's list, and follows what becomes of it", async () => {
    await withCompany(
      async (company) => {
        const short = await withTask(company);
        const made = await mirror(company, of('支付接口'), 'made');
        assert.match(made.summary, /^XB-\d{4}-\d{4}\.1 联调支付接口$/);
        assert.deepEqual(made.members, [
          { id: open('李雷'), type: 'user', role: 'assignee' },
          { id: open('赵技'), type: 'user', role: 'follower' },
        ]);
        assert.match(made.description, new RegExp(`支付接口[\\s\\S]*通过验收用例[\\s\\S]*/进度 ${short}\\.1 [\\s\\S]*/交付 ${short}\\.1 [\\s\\S]*不会改变协作单`));
        assert.equal(made.status, 'todo');
        assert.equal(new Date(Number(made.due.timestamp) + 8 * 3600_000).getUTCHours(), 18, 'the due time, in milliseconds');

        const same = (fits) => (one) => one.guid === made.guid && fits(one);
        await company.say('李雷', `/延期 ${short}.1 下下周三18点 等接口文档`);
        await company.say('赵技', `/同意 ${short}`);
        const later = await mirror(company, same((one) => Number(one.due.timestamp) > Number(made.due.timestamp)), 'another date');
        assert.equal(later.status, 'todo');

        await company.say('李雷', `/交付 ${short}.1 已联调`);
        await mirror(company, same((one) => one.status === 'done'), 'delivered');
        await company.say('赵技', `/验收 ${short}.1 驳回 缺用例`);
        await mirror(company, same((one) => one.status === 'todo' && one.completed_at === '0'), 'sent back');
        await company.say('韩梅梅', `/取消 ${short} 不做了`);
        await mirror(company, same((one) => one.status === 'done' && /已取消/.test(one.description)), 'cancelled');
        await company.say('韩梅梅', `/重开 ${short} 还要做`);
        await mirror(company, same((one) => one.status === 'todo' && !/已取消/.test(one.description)), 'reopened');
        await drained(company);
        assert.equal((await tasks(company)).length, 1);
        assert.equal((await calls(company, 'POST')).length, 1);
        for (const one of await company.received(path)) assert.ok(one.accepted, JSON.stringify(one));
      },
      { toml },
    );
  });

  test('off by default: nothing is said to the list, with everything else as it was', async () => {
    await withCompany(async (company) => {
      await withTask(company);
      await drained(company);
      assert.equal((await company.received(path)).length, 0);
    });
  });

  test('what people do in their list does not move the request, and does not keep the mirror from following', async () => {
    await withCompany(
      async (company) => {
        const short = await withTask(company);
        await mirror(company, of('支付接口'), 'made');
        // They tick it off by themselves.
        const world = await company.control('world');
        await company.control('world', { tasks: world.tasks.map((one) => ({ ...one, status: 'done', completed_at: '1795000000000' })) }, 'PUT');
        let after = await company.seq();
        await company.say('李雷', `/查看 ${short}`, { chat: 'private' });
        await company.until((one) => one.to === open('李雷') && /执行中/.test(one.text), { after, what: 'it is still to be done' });
        await company.say('李雷', `/交付 ${short}.1 已联调`);
        await eventually(async () => (await calls(company, 'PATCH')).length >= 2, 'refused for being done already, then without that');
        await drained(company);
        await company.say('赵技', `/验收 ${short}.1 驳回 缺用例`);
        await mirror(company, (one) => one.status === 'todo', 'open again');
        // They delete it: it stays away.
        await company.control('world', { tasks: [] }, 'PUT');
        after = await company.seq();
        await company.say('李雷', `/交付 ${short}.1 又联调了`);
        await drained(company);
        await company.say('赵技', `/验收 ${short}.1 驳回 还缺`);
        await drained(company);
        assert.deepEqual(await tasks(company), []);
        assert.equal((await calls(company, 'POST')).length, 1);
        assert.deepEqual((await warnings(company)).filter((one) => /mirror|delivered/.test(one)), []);
      },
      { toml },
    );
  });

  test('another owner: the old one sees it done with a word, the new one gets their own', async () => {
    await withCompany(
      async (company) => {
        await withTask(company);
        const old = await mirror(company, of('支付接口'), 'made');
        const { people: everybody } = await company.control('world');
        await company.control('world', { people: everybody.map((one) => (one.id === open('李雷') ? { ...one, active: false } : one)) }, 'PUT');
        await company.control('events', { kind: 'user_left', user: open('李雷') });
        const next = await mirror(company, (one) => one.guid !== old.guid, 'a second one', 90_000);
        assert.equal(next.members[0].id, open('赵技'));
        assert.equal(next.status, 'todo');
        const first = await mirror(company, (one) => one.guid === old.guid && one.status === 'done', 'the old one is done');
        assert.match(first.description, /已转给赵技/);
        await drained(company);
        assert.equal((await tasks(company)).length, 2);
      },
      { toml },
    );
  });

  test('a task that is taken back is done, with a word', async () => {
    await withCompany(
      async (company) => {
        const short = await withTask(company);
        await mirror(company, of('支付接口'), 'made');
        await company.say('赵技', `/撤回 ${short}`);
        await mirror(company, (one) => one.status === 'done' && /已撤回/.test(one.description), 'taken back');
      },
      { toml },
    );
  });

  test('without the scope the request goes on, nobody is told in a chat, and it is said once', async () => {
    const kit = feishu('webhook');
    kit.world.apps[0].scopes = ['im:message:send_as_bot', 'im:message.urgent', 'im:chat:readonly'];
    await withCompany(
      async (company) => {
        const short = await withTask(company);
        await withTask(company, '退款接口');
        await eventually(async () => (await calls(company, 'POST')).length >= 2, 'both are tried');
        await drained(company);
        const told = (await warnings(company)).filter((one) => /^feishu:main: tasks are not mirrored: .*99991672.*task:task:write/.test(one));
        assert.equal(told.length, 1, JSON.stringify(await warnings(company)));
        assert.deepEqual((await warnings(company)).filter((one) => /could not be delivered/.test(one)), []);
        assert.equal(company.bot.log.split('tasks.refused').length - 1, 1, 'one line in the log');
        assert.equal((await company.messages()).filter((one) => /99991672|同步任务/.test(one.text)).length, 0);
        const after = await company.seq();
        await company.say('李雷', `/交付 ${short}.1 已联调`);
        await company.until((one) => one.to === open('赵技') && /已联调/.test(one.text), { after, what: 'the request goes on' });
        await company.say('周督办', '/体检', { chat: 'private' });
        await company.until((one) => one.to === open('周督办') && /不让同步任务/.test(one.text), { what: 'the check-up, when asked' });
        // The scope is granted: the next task is mirrored, and the warning is over.
        const { apps } = await company.control('world');
        await company.control('world', { apps: apps.map((one) => ({ ...one, scopes: [...one.scopes, 'task:task:write'] })) }, 'PUT');
        await withTask(company, '对账接口');
        await mirror(company, of('对账接口'), 'mirrored again');
        await drained(company);
        assert.deepEqual((await warnings(company)).filter((one) => /mirrored/.test(one)), []);
      },
      { toml, kit },
    );
  });

  test("who gave it is out of the app's reach: its owner gets it all the same", async () => {
    await withCompany(
      async (company) => {
        const { people: everybody } = await company.control('world');
        await company.control('world', { people: everybody.map((one) => (one.id === open('赵技') ? { ...one, visible: false } : one)) }, 'PUT');
        await withTask(company);
        const made = await mirror(company, of('支付接口'), 'made');
        assert.deepEqual(made.members.map((one) => one.id), [open('李雷')]);
        await drained(company);
        assert.deepEqual((await warnings(company)).filter((one) => /mirrored/.test(one)), []);
      },
      { toml },
    );
  });

  test('an answer that is lost, and a death before it is on disk: one task, and the request knows it', async () => {
    await withCompany(
      async (company) => {
        await company.fault({ match: { method: 'POST', path }, times: 1, do: 'reset_after_accept' });
        const short = await withTask(company);
        await mirror(company, of('支付接口'), 'made');
        await company.bot.kill();
        await company.startBot();
        await eventually(async () => (await calls(company, 'POST')).length >= 2, 'asked again', 60_000);
        const made = await calls(company, 'POST');
        assert.equal(made[0].body, made[1].body, 'the same bytes');
        await company.say('李雷', `/交付 ${short}.1 已联调`);
        await mirror(company, (one) => one.status === 'done', 'it is known by its id');
        assert.equal((await tasks(company)).length, 1);
      },
      { toml },
    );
  });

  test('an answer that stays unknown for longer than the token lives: not made again, and said', async () => {
    await withCompany(
      async (company) => {
        const { id } = await company.fault({ match: { method: 'POST', path }, times: -1, do: 'reset_after_accept' });
        const short = await withTask(company);
        await mirror(company, of('支付接口'), 'made');
        await company.bot.kill();
        await company.control(`faults/${id}`, undefined, 'DELETE');
        const before = (await calls(company, 'POST')).length;
        // Ten minutes pass while it is down.
        execFileSync('sqlite3', [join(company.where, 'data', 'xieban.db'), 'update attempt set started_at = started_at - 600000']);
        await company.startBot();
        await eventually(async () => (await warnings(company)).some((one) => /could not be delivered/.test(one)), 'said', 60_000);
        assert.equal((await calls(company, 'POST')).length, before);
        await company.say('李雷', `/交付 ${short}.1 已联调`);
        await drained(company);
        assert.equal((await tasks(company)).length, 1, 'what follows makes no second one');
      },
      { toml },
    );
  });
});
