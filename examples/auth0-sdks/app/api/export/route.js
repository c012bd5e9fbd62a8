// Exports all entries after the person allowed it, by an approval without details, with the SDK that `by` names.
import { setAIContext } from '@auth0/ai-vercel';
import { auth0, exportAll, exported, post } from '../../auth0.js';

export async function POST(request) {
  const { by } = await request.json();
  if (by === 'ai') {
    setAIContext({ threadID: crypto.randomUUID() });
    return Response.json(await exportAll.execute({}, { toolCallId: crypto.randomUUID(), messages: [] }));
  }
  try {
    const { sub } = (await auth0.getSession()).user;
    const { tokenSet, authorizationDetails } = await auth0.getTokenByBackchannelAuth({
      bindingMessage: 'Export the entries of March?',
      loginHint: { sub },
      authorizationParams: { scope: 'openid ledger:export' },
    });
    const all = await exported(tokenSet.accessToken);
    const entry = await post(tokenSet.accessToken, { account: 'rent', amount: '800.00' });
    return Response.json({ ...all, entry: entry.status, authorizationDetails });
  } catch (error) {
    return Response.json({ error: error.name, code: error.cause?.code ?? error.code });
  }
}
