// Where the Hugging Face Hub is for this workspace, and the token it is asked with.
import type { Settings } from '../../shared/contract/settings.ts'
import { HUB, type HubAccess } from '../../shared/hub.ts'
import type { SecretStore } from '../store/secrets.ts'

/** What was set here comes before the environment's HF_ENDPOINT and HF_TOKEN. Rejects `secrets/damaged`. */
export async function hubAccess({ hubEndpoint }: Settings, secrets: SecretStore): Promise<HubAccess> {
  const { HF_ENDPOINT, HF_TOKEN } = process.env
  const endpoint = [hubEndpoint, HF_ENDPOINT].find((address) => address) ?? HUB
  const token = [await secrets.get('huggingface'), HF_TOKEN].find((value) => value) ?? null
  return { endpoint: endpoint.replace(/\/+$/, ''), token }
}
