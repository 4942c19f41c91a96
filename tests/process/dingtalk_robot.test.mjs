// A group's custom robot: reminders with a mention where the app's own messages cannot mention, and no call of the month.
import test from 'node:test';
import assert from 'node:assert/strict';
import { connected, dingtalk, group } from './dingtalk_support.mjs';
import { withCompany } from './feishu_support.mjs';

process.env.DINGTALK_ROBOT_TOKEN = 'robot-token-canary';
process.env.DINGTALK_ROBOT_SECRET = 'SECrobot-canary';

function kit(robot) {
  const made = dingtalk('stream');
  const world = structuredClone(made.world);
  world.apps[0].robots = [{ key: process.env.DINGTALK_ROBOT_TOKEN, secret: process.env.DINGTALK_ROBOT_SECRET, chat: group, ...robot }];
  const robots = `robots = [ { chat = "${group}", access_token = { env = "DINGTALK_ROBOT_TOKEN" }, secret = { env = "DINGTALK_ROBOT_SECRET" } } ]\n`;
  return { ...made, world, configuration: (...args) => made.configuration(...args).replace('[[dingtalk]]\n', `[[dingtalk]]\n${robots}card_template = "none"\n`) };
}
async function running(robot, body) {
  await withCompany(async (company) => {
    await connected(company);
    await body(company);
  }, { kit: kit(robot) });
}
const byRobot = async (company) => (await company.received('/robot/send')).filter((one) => /^\/robot\/send(\?|$)/.test(one.path ?? one.target));
/** The answer's own way into the group is shut. */
const noSession = (company) => company.fault({ match: { path: '/robot/sendBySession' }, times: -1, do: 'business', code: 300001 });

test('what the group is told goes through its robot, signed, while no session is open', async () => {
  await running({}, async (company) => {
    await noSession(company);
    await company.say('韩梅梅', '/发起 群里发起 给技术部 截止 后天18点');
    await company.until((one) => one.chat === group && /群里发起/.test(one.text), { what: 'the group hears of it' });
    assert.ok((await byRobot(company)).length > 0, 'by the robot');
    assert.equal((await company.received('/v1.0/robot/groupMessages/send')).length, 0, 'and by no call of the month');
    assert.ok(!company.bot.log.includes('robot-token-canary') && !company.bot.log.includes('SECrobot-canary'), 'no secret in the log');
  });
});

test('a robot that was stopped is no reason to lose a message', async () => {
  await running({ stopped: true }, async (company) => {
    await noSession(company);
    await company.say('韩梅梅', '/发起 机器人停用 给技术部 截止 后天18点');
    await company.until((one) => one.chat === group && /机器人停用/.test(one.text), { what: 'the group hears of it another way' });
    assert.ok((await byRobot(company)).length > 0, 'it was tried');
  });
});

test('a robot that is blocked for minutes does not keep the group waiting', async () => {
  await running({}, async (company) => {
    await noSession(company);
    const { id } = await company.fault({ match: { path: '/robot/send?' }, times: 1, do: 'business', status: 200, code: 130101 });
    await company.say('韩梅梅', '/发起 机器人太快 给技术部 截止 后天18点');
    await company.until((one) => one.chat === group && /机器人太快/.test(one.text), { within: 60_000, what: 'the group hears of it another way' });
    assert.equal((await byRobot(company)).filter((one) => one.fault === id).length, 1);
    assert.ok((await company.received('/v1.0/robot/groupMessages/send')).length > 0, 'by the app itself');
    await company.say('韩梅梅', '/发起 机器人又行 给技术部 截止 后天18点');
    await company.until((one) => one.chat === group && /机器人又行/.test(one.text), { within: 60_000, what: 'the next one' });
  });
});
