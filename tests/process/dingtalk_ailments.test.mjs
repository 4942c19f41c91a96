// What is wrong with the app on DingTalk: said in /readyz, by /体检 and to the people of [alarm], until it is over.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { account, connected, drained, eventually, group, over, people, ready, toPerson } from './dingtalk_support.mjs';

const alarmed = '\n[alarm]\npeople = ["zhou"]\n';
const every = ['qyapi_robot_sendmsg', 'Card.Instance.Write', 'Premium.Ding.Write', 'qyapi_get_member', 'qyapi_get_member_by_mobile', 'qyapi_get_department_list', 'qyapi_chat_manage'];
const patience = { within: 60_000 };
const inGroup = (one) => one.chat === group;

/** Changes the app of the simulator's world. */
async function change(company, what) {
  const { apps } = await company.control('world');
  await company.control('world', { apps: [{ ...apps[0], ...what }] }, 'PUT');
}
const warns = async (company, words) => (await ready(company)).warnings.some((one) => words.test(one));
const saysReady = (company, words) => eventually(() => warns(company, words), async () => `${words} in ${JSON.stringify(await ready(company))}`, 60_000);
const saysNoMore = (company, words) => eventually(async () => !(await warns(company, words)), async () => `${words} still in ${JSON.stringify(await ready(company))}`, 150_000);
const bellRings = (company, words) => company.until((one) => toPerson('周督办')(one) && /请管理员处理/.test(one.text) && words.test(one.text), { ...patience, what: `the bell: ${words}` });
async function checkup(company, words) {
  const after = await company.seq();
  await company.say('周督办', '/体检', { chat: 'private' });
  return company.until((one) => toPerson('周督办')(one) && /体检/.test(one.text) && words.test(one.text), { after, ...patience, what: `${words} in the check-up` });
}

describe('ailments', { concurrency: 4 }, () => {
  test('a lost right to cards: texts go out, and it is said until cards go out again', async () => {
    await over(
      'stream',
      async (company) => {
        await change(company, { scopes: every.filter((one) => one !== 'Card.Instance.Write') });
        await company.say('韩梅梅', '/发起 没有卡片 给技术部 截止 后天18点');
        await company.until((one) => inGroup(one) && one.kind !== 'card' && one.text.includes('没有卡片'), { ...patience, what: 'the text' });
        const words = /^since .*dingtalk:main may not send cards: HTTP 403 Forbidden\.AccessDenied\.AccessTokenPermissionDenied/;
        await saysReady(company, words);
        await bellRings(company, /dingtalk:main 不让发卡片/);
        await checkup(company, /dingtalk:main 不让发卡片：[^\n]*AccessTokenPermissionDenied/);
        await change(company, { scopes: every });
        await company.say('韩梅梅', '/发起 又有卡片 给技术部 截止 后天18点');
        await company.until((one) => inGroup(one) && one.kind === 'card' && one.text.includes('又有卡片'), { ...patience, what: 'the card' });
        await saysNoMore(company, words);
      },
      { toml: alarmed },
    );
  });

  test('a lost right to DING: the notices go out, and it is said', async () => {
    const soon = `
[[type]]
id = "urgent"
[[type.clock]]
id = "first_response"
target = "20s"
calendar = "natural"
ladder = [ { at = "10%", to = ["owner"], by = "urgent" } ]
`;
    await over(
      'stream',
      async (company) => {
        await change(company, { scopes: every.filter((one) => one !== 'Premium.Ding.Write') });
        await company.say('韩梅梅', '/发起 没有钉 给技术部 紧急');
        await company.until((one) => toPerson('赵技')(one) && /等你响应/.test(one.text), { ...patience, what: 'the notice' });
        await saysReady(company, /^since .*dingtalk:main may not make urgent calls: HTTP 403/);
        await checkup(company, /dingtalk:main 不让发加急提醒/);
      },
      { toml: soon },
    );
  });

  test('an address for card callbacks that is not registered: said, tried again, and over when it is', async () => {
    await over(
      'webhook',
      async (company) => {
        const register = { path: '/card/callbacks/register' };
        const refused = await company.fault({ match: register, times: -1, do: 'business', status: 403, code: 'Forbidden.AccessDenied.AccessTokenPermissionDenied' });
        await company.startBot();
        const words = /^since .*The address for card callbacks of dingtalk:main is not registered: HTTP 403 Forbidden/;
        await saysReady(company, words);
        await bellRings(company, /dingtalk:main 的卡片回调地址没能登记/);
        await checkup(company, /dingtalk:main 的卡片回调地址没能登记/);
        // Only now: a minute may be over before somebody has read all that.
        await company.control(`faults/${refused.id}`, undefined, 'DELETE');
        await saysNoMore(company, words);
        const calls = await company.received(register.path);
        assert.ok(calls[0].fault === refused.id && calls.at(-1).accepted, 'tried again');
        for (let i = 1; i < calls.length; ++i) assert.ok(Date.parse(calls[i].at) - Date.parse(calls[i - 1].at) >= 50_000, 'not without pause');
        await company.say('韩梅梅', '/发起 登记之后 给技术部 截止 后天18点');
        const live = await company.liveCard();
        assert.ok((await company.press('赵技', live.id, 'accept')).acked);
        await company.until((one) => one.id === live.id && /执行中/.test(one.text), patience);
      },
      { bot: false, toml: alarmed },
    );
  });

  for (const [what, fault, why] of [
    ['time-out', { do: 'hang' }, 'no answer in time'],
    ['429', { do: 'status', status: 429 }, 'HTTP 429'],
    ['503', { do: 'status', status: 503 }, 'HTTP 503'],
    ['HTTP 200 that says nothing', { do: 'status', status: 200 }, 'without success'],
    ['truncated body', { do: 'cut' }, ''],
    ['expired token', { do: 'expire_token' }, 'InvalidAuthentication'],
  ]) {
    test(`the address for card callbacks, ${what}: said, and registered a minute later`, async () => {
      await over(
        'webhook',
        async (company) => {
          const { id } = await company.fault({ match: { path: '/card/callbacks/register' }, times: 1, ...fault });
          await company.startBot();
          const words = new RegExp(`dingtalk:main is not registered: .*${why}`);
          await saysReady(company, words);
          await saysNoMore(company, words);
          const calls = await company.received('/card/callbacks/register');
          assert.equal(calls.filter((one) => one.fault === id).length, 1);
          assert.ok(calls.length >= 2 && calls.at(-1).accepted);
          for (let i = 1; i < calls.length; ++i) assert.ok(Date.parse(calls[i].at) - Date.parse(calls[i - 1].at) >= 50_000, 'not without pause');
        },
        { bot: false },
      );
    });
  }

  test('20001: the month is used up: said in /readyz, to the administrator and by /体检, until words arrive again', async () => {
    await over(
      'stream',
      async (company) => {
        const { limits } = await company.control('world');
        await company.control('world', { limits: { ...limits, monthly_pushes: 1 } }, 'PUT');
        await company.say('韩梅梅', '/帮助', { chat: 'private' });
        await company.until(toPerson('韩梅梅'), patience);
        const said = await company.say('韩梅梅', '/发起 没有额度 给技术部 截止 后天18点');
        assert.ok(said.deliveries[0].acked);
        const words = /^since .*dingtalk:main has used up this month's pushes/;
        await saysReady(company, words);
        await bellRings(company, /推送额度已用完/);
        await company.control('world', { limits: { ...limits, monthly_pushes: 3000 } }, 'PUT');
        await company.say('韩梅梅', '/我的', { chat: 'private' });
        await saysNoMore(company, words);
        assert.ok(!(await company.messages()).some((one) => one.text.includes('没有额度')));
      },
      { toml: alarmed },
    );
  });

  test('a message without its sender: said in /readyz, to the administrator and by /体检', async () => {
    await over(
      'stream',
      async (company) => {
        const { people: known } = await company.control('world');
        await company.control('world', { people: known.map((one) => (one.id === account('李雷') ? { ...one, active: false } : one)) }, 'PUT');
        const said = await company.say('李雷', '/发起 没有发送人 给技术部 截止 后天18点');
        assert.ok(said.deliveries[0].acked);
        const words = /^since .*A message to dingtalk:main came without its sender's account/;
        await saysReady(company, words);
        await bellRings(company, /没有带发送人账号/);
        await company.say('韩梅梅', '/我的', { chat: 'private' });
        await saysNoMore(company, words);
      },
      { toml: alarmed },
    );
  });

  test('a long connection that is refused: the bell rings, it is asked for once a minute, and stands again by itself', async () => {
    await over(
      'stream',
      async (company) => {
        const { id } = await company.fault({ match: { path: '/v1.0/gateway/connections/open' }, times: -1, do: 'business', status: 400, code: 'invalidClientIdOrSecret' });
        await company.startBot();
        await saysReady(company, /^dingtalk:main: no long connection since .*invalidClientIdOrSecret; tried again every 1 minutes/);
        await company.until((one) => toPerson('周督办')(one) && /长连接连不上[^\n]*每 1 分钟/.test(one.text), { ...patience, what: 'the bell' });
        const opens = (await company.received('/v1.0/gateway/connections/open')).map((one) => Date.parse(one.at));
        for (let i = 1; i < opens.length; ++i) assert.ok(opens[i] - opens[i - 1] >= 59_000, `${opens[i] - opens[i - 1]} ms`);
        await company.control(`faults/${id}`, undefined, 'DELETE');
        await connected(company);
      },
      { bot: false, toml: alarmed },
    );
  });

  test('a group that was dissolved is named as people know it', async () => {
    await over('stream', async (company) => {
      await company.say('韩梅梅', '/帮助');
      await drained(company);
      await company.control('events', { kind: 'chat_dissolved', chat: group, user: people.韩梅梅[1] });
      await checkup(company, /群「协作群」（dingtalk:main）已解散/);
    });
  });
});
