// The platform's official Node SDK as a receiver: its dispatcher on Node's own HTTP server, with a handler that does nothing.
import { createRequire } from 'node:module';
import http from 'node:http';

const lark = createRequire(new URL('../interop/package.json', import.meta.url))('@larksuiteoapi/node-sdk');
const [encryptKey, verificationToken] = process.argv.slice(2);

let handled = 0;
const dispatcher = new lark.EventDispatcher({ encryptKey, verificationToken, loggerLevel: lark.LoggerLevel.fatal }).register({
  'im.message.receive_v1': () => {
    handled += 1;
  },
});
const hook = lark.adaptDefault('/hook/feishu/main', dispatcher);
const server = http.createServer((request, response) => {
  if (request.url === '/handled') {
    response.end(String(handled));
  } else {
    hook(request, response);
  }
});
server.listen(0, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${server.address().port}/`));
