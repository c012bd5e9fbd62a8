// A model's endpoint that answers as a test chooses.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test as base } from './fixtures.js';

export type Delta = { content?: string; reasoning_content?: string };
export type Message = { role: string; content: string };

export function stream(response: ServerResponse, deltas: Delta[], reason = 'stop'): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const choices = [...deltas.map((delta) => ({ index: 0, delta, finish_reason: null })), { index: 0, delta: {}, finish_reason: reason }];
  for (const choice of choices) {
    response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [choice] })}\n\n`);
  }
  response.end('data: [DONE]\n\n');
}

/** Tests in which this model answers. A response that isn't ended leaves the request without an answer. */
export function withModel(answer: (messages: Message[], response: ServerResponse) => void) {
  return base.extend({
    settings: async ({}, use) => {
      const server = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => (body += chunk));
        request.on('end', () => {
          // The program asks for the list of models when it starts.
          if (request.method !== 'POST') return response.writeHead(404).end();
          answer((JSON.parse(body) as { messages: Message[] }).messages, response);
        });
      });
      await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
      const { port } = server.address() as AddressInfo;
      await use({ OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_API_KEY: 'none', OPENAI_MODEL: 'quirky' });
      server.closeAllConnections();
      server.close();
    },
  });
}
