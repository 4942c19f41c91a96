// The official Stream SDK as a client of the simulator's gateway, and the official API SDK as its caller: what the simulator
// pushes, what it accepts and what it refuses is what the platform's own libraries understand and send.
import test from 'node:test';
import assert from 'node:assert/strict';
import axios from 'axios';
import { setTimeout as pause } from 'node:timers/promises';
import { DWClient, TOPIC_CARD, TOPIC_ROBOT } from 'dingtalk-stream';
import card from '@alicloud/dingtalk/card_1_0.js';
import oauth2 from '@alicloud/dingtalk/oauth2_1_0.js';
import robot from '@alicloud/dingtalk/robot_1_0.js';
import openapi from '@alicloud/openapi-client';
import util from '@alicloud/tea-util';
import { withSimulator } from './simulator.mjs';

const app = { clientId: 'dingsima1b2c3d4e5f6', clientSecret: 'sim-client-secret' };
const group = 'cidall==';
const template = '1366a1eb-bc54-4859-ac88-517c56a9acb1.schema';
const buttons = (...ids) => JSON.stringify({ msgButtons: ids.map((id) => ({ text: `按 ${id}`, color: 'blue', id, request: true, params: { id } })) });

async function until(holds, what) {
  const end = performance.now() + 30_000;
  while (!(await holds())) {
    assert.ok(performance.now() < end, `never: ${what}`);
    await pause(10);
  }
}

/** The Stream SDK knows one address only; its own HTTP client is told where that is today. */
async function withStream(url, control, register, body) {
  const redirect = axios.interceptors.request.use((config) => ({ ...config, url: config.url.replace('https://api.dingtalk.com', url) }));
  console.info = () => {};  // the SDK says when it is connected
  const client = new DWClient({ ...app, autoReconnect: false, keepAlive: false });
  register(client);
  try {
    await client.connect();
    await until(async () => (await control('received?path=/connect')).requests.some((one) => one.status === 101), 'connected');
    await body(client);
  } finally {
    client.disconnect();
    axios.interceptors.request.eject(redirect);
  }
}

test('the Stream SDK gets a robot message, an event and a card callback, and its acks count', async () => {
  await withSimulator('dingtalk', async (url, control) => {
    const seen = { robot: [], card: [], event: [] };
    const register = (client) =>
      client
        .registerCallbackListener(TOPIC_ROBOT, (frame) => {
          seen.robot.push(frame);
          client.send(frame.headers.messageId, { response: null });
        })
        .registerCallbackListener(TOPIC_CARD, (frame) => {
          seen.card.push(frame);
          client.socketCallBackResponse(frame.headers.messageId, {
            cardUpdateOptions: { updateCardDataByKey: true },
            cardData: { cardParamMap: { title: '已接受', sys_full_json_obj: buttons() } },
          });
        })
        .registerAllEventListener((frame) => {
          seen.event.push(frame);
          return { status: 'SUCCESS', message: 'ok' };
        });
    await withStream(url, control, register, async () => {
      const said = await control('events', { kind: 'message', user: 'han', chat: group, text: '@协办 /发起 审合同 @李雷 🚀', mentions: ['bot', '0123456789'], via: 'stream' });
      assert.deepEqual(said.deliveries.map((one) => [one.status, one.acked]), [[200, true]]);
      const message = JSON.parse(seen.robot[0].data);
      assert.equal(message.msgId, said.id);
      assert.equal(message.text.content, ' /发起 审合同  🚀');
      assert.equal(message.senderStaffId, 'han');
      assert.equal(message.conversationId, group);
      assert.deepEqual(message.atUsers.map((one) => one.staffId), [undefined, '0123456789']);
      assert.equal(message.atUsers[0].dingtalkId, message.chatbotUserId);

      const left = await control('events', { kind: 'user_left', user: 'han', via: 'stream' });
      assert.deepEqual(left.deliveries.map((one) => one.acked), [true]);
      assert.equal(seen.event[0].headers.eventType, 'user_leave_org');
      assert.equal(seen.event[0].headers.eventId, left.id);
      assert.deepEqual(JSON.parse(seen.event[0].data).userId, ['han']);

      const api = await sdk(url);
      await api.createCard('track-1', { cardParamMap: { title: '请求', markdown: '请确认', sys_full_json_obj: buttons('accept:1') } });
      const pressed = await control('events', { kind: 'press', user: '0123456789', message: 'track-1', action: 'accept:1' });
      assert.deepEqual(pressed.deliveries.map((one) => one.acked), [true]);
      const callback = JSON.parse(seen.card[0].data);
      assert.equal(callback.outTrackId, 'track-1');
      assert.equal(callback.userId, '0123456789');
      assert.deepEqual(JSON.parse(callback.content), { cardPrivateData: { actionIds: ['accept:1'], params: { id: 'accept:1' } } });
      const [after] = (await control(`messages?chat=${encodeURIComponent(group)}`)).messages;
      assert.equal(after.card.cardParamMap.title, '已接受');
      assert.equal(after.card.cardParamMap.markdown, '请确认', 'by key: what was not named stays');
      assert.deepEqual(after.card.buttons, []);
    });
  });
});

test('the Stream SDK answers a ping and is cut off by a disconnect', async () => {
  await withSimulator('dingtalk', async (url, control) => {
    await control('world', { limits: { stream_ping_seconds: 1 } }, 'PUT');
    await withStream(url, control, () => {}, async (client) => {
      const pong = async () => (await control('received?path=/connect')).requests.find((one) => one.method === 'WS');
      await until(pong, 'a ping is answered');
      assert.match(JSON.parse((await pong()).body).data, /opaque/);
      assert.deepEqual(await control('stream', { do: 'disconnect', ms: 50 }), { connections: 1 });
      await until(() => client.connected === false && client.socket.readyState === 3, 'closed after disconnect');
    });
  });
});

/** Calls of the API SDK against the simulator, with a token it asked for itself. */
async function sdk(url) {
  const config = () => new openapi.Config({ protocol: 'http', endpoint: new URL(url).host, regionId: 'central' });
  const runtime = new util.RuntimeOptions({});
  const tokens = await new oauth2.default(config()).getAccessToken(new oauth2.GetAccessTokenRequest({ appKey: app.clientId, appSecret: app.clientSecret }));
  const token = { xAcsDingtalkAccessToken: tokens.body.accessToken };
  const robots = new robot.default(config());
  const cards = new card.default(config());
  const code = { robotCode: app.clientId };
  return {
    token: tokens.body,
    group: (to, msgKey, param) =>
      robots.orgGroupSendWithOptions(new robot.OrgGroupSendRequest({ ...code, openConversationId: to, msgKey, msgParam: JSON.stringify(param) }), new robot.OrgGroupSendHeaders(token), runtime),
    people: (userIds, msgKey, param) =>
      robots.batchSendOTOWithOptions(new robot.BatchSendOTORequest({ ...code, userIds, msgKey, msgParam: JSON.stringify(param) }), new robot.BatchSendOTOHeaders(token), runtime),
    ding: (receiverUserIdList, content) =>
      robots.robotSendDingWithOptions(new robot.RobotSendDingRequest({ ...code, remindType: 1, receiverUserIdList, content }), new robot.RobotSendDingHeaders(token), runtime),
    download: (downloadCode) =>
      robots.robotMessageFileDownloadWithOptions(new robot.RobotMessageFileDownloadRequest({ ...code, downloadCode }), new robot.RobotMessageFileDownloadHeaders(token), runtime),
    createCard: (outTrackId, cardData, more = {}) =>
      cards.createAndDeliverWithOptions(
        new card.CreateAndDeliverRequest({
          cardTemplateId: template,
          outTrackId,
          callbackType: 'STREAM',
          cardData: new card.CreateAndDeliverRequestCardData(cardData),
          openSpaceId: `dtv1.card//IM_GROUP.${group}`,
          imGroupOpenSpaceModel: new card.CreateAndDeliverRequestImGroupOpenSpaceModel({ supportForward: false }),
          imGroupOpenDeliverModel: new card.CreateAndDeliverRequestImGroupOpenDeliverModel({ ...code, atUserIds: { han: '韩梅梅' } }),
          userIdType: 1,
          ...more,
        }),
        new card.CreateAndDeliverHeaders(token),
        runtime,
      ),
    updateCard: (outTrackId, cardParamMap, updateCardDataByKey) =>
      cards.updateCardWithOptions(
        new card.UpdateCardRequest({
          outTrackId,
          cardData: new card.UpdateCardRequestCardData({ cardParamMap }),
          ...(updateCardDataByKey && { cardUpdateOptions: new card.UpdateCardRequestCardUpdateOptions({ updateCardDataByKey }) }),
        }),
        new card.UpdateCardHeaders(token),
        runtime,
      ),
  };
}

test('requests of the API SDK are accepted: token, group, people, DING, cards', async () => {
  await withSimulator('dingtalk', async (url, control) => {
    const api = await sdk(url);
    assert.equal(api.token.expireIn, 7200);
    const sent = await api.group(group, 'sampleMarkdown', { title: '协作请求', text: '### 协作请求  \n  请确认' });
    assert.match(sent.body.processQueryKey, /^pqk/);
    await api.group(group, 'sampleActionCard2', { title: '请确认', text: '两小时内', actionTitle1: '接受', actionURL1: 'https://a.example/1', actionTitle2: '拒绝', actionURL2: 'https://a.example/2' });
    const people = await api.people(['0123456789', 'nobody'], 'sampleText', { content: '请处理' });
    assert.deepEqual(people.body.invalidStaffIdList, ['nobody']);
    assert.deepEqual(people.body.flowControlledStaffIdList, []);
    const urgent = await api.ding(['0123456789'], '已超时');
    assert.match(urgent.body.openDingId, /^ding/);

    const created = await api.createCard('track-2', { cardParamMap: { title: '请求 #1', markdown: '请确认', sys_full_json_obj: buttons('accept:1', 'reject:1') } });
    const [delivered] = created.body.result.deliverResults;
    assert.equal(delivered.success, true);
    assert.equal((await api.updateCard('track-2', { title: '请求 #1（已接受）' }, true)).body.success, true);
    const cards = async () => (await control('messages')).messages.find((one) => one.id === delivered.carrierId);
    let shown = await cards();
    assert.deepEqual(shown.mentions, ['han']);
    assert.equal(shown.version, 2);
    assert.deepEqual(shown.card.buttons.map((one) => one.id), ['accept:1', 'reject:1']);
    await api.updateCard('track-2', { title: '请求 #1（已归档）' }, false);
    shown = await cards();
    assert.deepEqual(shown.card.cardParamMap, { title: '请求 #1（已归档）' }, 'not by key: everything else is gone');

    const { messages } = await control('messages?user=0123456789&chat=p2p_0123456789');
    assert.deepEqual(messages.map((one) => [one.text, one.urgent]), [['请处理', false], ['已超时', true]]);
  });
});

test('the API SDK understands what the simulator refuses', async () => {
  await withSimulator('dingtalk', async (url, control) => {
    const api = await sdk(url);
    const refused = async (call) => {
      try {
        await call;
      } catch (error) {
        return [error.code, error.data?.statusCode];
      }
      return [];
    };
    assert.deepEqual(await refused(api.group('cidnowhere==', 'sampleText', { content: 'x' })), ['invalid.openConversationId', 400]);
    assert.deepEqual(await refused(api.group(group, 'sampleMarkdown', { text: 'without a title' })), ['invalidParameter.msgParam.invalid', 400]);
    assert.deepEqual(await refused(api.group(group, 'sampleText', { content: 'x'.repeat(15_000) })), ['invalidParameter.msgParam.tooLong', 400]);
    assert.deepEqual(await refused(api.createCard('t', { cardParamMap: { title: 'x' } }, { cardTemplateId: 'of-nobody.schema' })), ['param.templateNotExist', 400]);
    assert.deepEqual(await refused(api.createCard('t', { cardParamMap: { title: 'x'.repeat(1025) } })), ['param.invalid', 400]);
    assert.deepEqual(await refused(api.updateCard('never-made', { title: 'x' }, true)), ['param.cardNotExist', 400]);
    assert.deepEqual(await refused(api.download('nothing')), ['invalidParameter.robotCode.downloadCode', 400]);
    const { apps } = await control('world');
    await control('world', { apps: [{ ...apps[0], scopes: ['qyapi_robot_sendmsg'] }] }, 'PUT');
    try {
      await api.ding(['han'], 'x');
      assert.fail('DING without its permission');
    } catch (error) {
      assert.equal(error.code, 'Forbidden.AccessDenied.AccessTokenPermissionDenied');
      assert.deepEqual(error.accessDeniedDetail, { requiredScopes: ['Premium.Ding.Write'] });
    }
  });
});
