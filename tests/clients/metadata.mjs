// Write the metadata of the chain behind URL to a file, in the newest stable version.
//
//   node metadata.mjs URL FILE

import { writeFile } from 'node:fs/promises';
import { compactFromU8a, hexToU8a } from '@polkadot/util';
import { WsProvider } from '@polkadot/api';

const VERSION = 16;

const [url, path] = process.argv.slice(2);
const provider = new WsProvider(url);
try {
  await provider.isReady;
  const answer = hexToU8a(await provider.send('state_call', ['Metadata_metadata_at_version', `0x${VERSION.toString(16)}000000`]));
  if (answer[0] !== 1) throw new Error(`the runtime has no metadata of version ${VERSION}`);
  const [prefix, length] = compactFromU8a(answer.subarray(1));
  await writeFile(path, answer.subarray(1 + prefix, 1 + prefix + length.toNumber()));
} finally {
  await provider.disconnect();
}
