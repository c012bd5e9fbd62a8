// Writes an entry after the person approved it, with the SDK that `by` names.
import { setAIContext } from '@auth0/ai-vercel';
import { auth0, post, write } from '../../auth0.js';

export async function POST(request) {
  const { by, entry } = await request.json();
  if (by === 'ai') {
    setAIContext({ threadID: crypto.randomUUID() });
    return Response.json(await write.execute(entry, { toolCallId: crypto.randomUUID(), messages: [] }));
  }
  try {
    const { sub } = (await auth0.getSession()).user;
    const { tokenSet, authorizationDetails } = await auth0.getTokenByBackchannelAuth({
      bindingMessage: 'C3 D4',
      loginHint: { sub },
      authorizationDetails: [{ type: 'ledger_entry', ...entry, currency: 'EUR' }],
      authorizationParams: { scope: 'openid ledger:write' },
    });
    const first = await post(tokenSet.accessToken, entry);
    const again = await post(tokenSet.accessToken, entry);
    const changed = await post(tokenSet.accessToken, { ...entry, amount: '9999.99' });
    return Response.json({ ...first, again, changed: changed.status, authorizationDetails });
  } catch (error) {
    return Response.json({ error: error.name, code: error.cause?.code ?? error.code });
  }
}
