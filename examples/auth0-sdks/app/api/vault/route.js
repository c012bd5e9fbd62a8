// Reads the portfolio with a token of the vault, by each SDK.
import { setAIContext } from '@auth0/ai-vercel';
import { auth0, portfolio, read } from '../../auth0.js';

const failed = (error) => ({ error: error.name, code: error.code });

export async function GET() {
  setAIContext({ threadID: 'vault' });
  const { sub } = (await auth0.getSession()).user;
  const nextjs = await auth0.getAccessTokenForConnection({ connection: 'stocktrade' }).then(({ token }) => read(token), failed);
  const ai = await portfolio.execute({}, { toolCallId: crypto.randomUUID(), messages: [] }).catch(failed);
  return Response.json({ sub, nextjs, ai });
}
