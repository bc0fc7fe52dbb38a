import { Command } from 'commander';
import { builtInProviders } from '../../providers/index.js';
import type { Provider } from '../../providers/port.js';
import { createProviderRegistry, UnknownProviderError } from '../../providers/registry.js';
import { UsageError } from '../errors.js';
import { outputOption, print, printJson, table } from '../output.js';
import type { OutputFormat } from '../output.js';
import { fieldsOf, fieldTable } from '../provider-fields.js';

/** `evertoken providers`: what each provider needs. */
export function providersCommand(): Command {
  return new Command('providers')
    .description('list the providers, or show what one of them needs')
    .argument('[name]', 'provider')
    .addOption(outputOption())
    .action((name: string | undefined, { output }: { output: OutputFormat }) => {
      if (name === undefined) printAll(output);
      else printOne(providerNamed(name), output);
    });
}

function providerNamed(name: string): Provider {
  try {
    return createProviderRegistry(builtInProviders).get(name);
  } catch (error) {
    throw error instanceof UnknownProviderError ? new UsageError(error.message) : error;
  }
}

function printAll(output: OutputFormat): void {
  const all = builtInProviders.map(({ name, title }) => ({ name, title }));
  if (output === 'json') printJson(all);
  else
    print(
      table(
        ['PROVIDER', 'TITLE'],
        all.map(({ name, title }) => [name, title]),
      ),
    );
}

function printOne(provider: Provider, output: OutputFormat): void {
  const { name, title, configSchema, materialSchema, responseSchema } = provider;
  const config = fieldsOf(configSchema);
  const material = fieldsOf(materialSchema);
  const answer = fieldsOf(responseSchema);
  if (output === 'json') {
    const secretFields = Object.keys(provider.material).filter(
      (field) => provider.material[field]?.isSecret,
    );
    printJson({ name, title, config, material, answer, secretFields });
    return;
  }
  print(`${title} (provider: ${name})`);
  print(`\nconfig:\n${fieldTable(config)}`);
  print(`\nmaterial:\n${fieldTable(material)}`);
  print(`\nanswer of the provider:\n${fieldTable(answer)}`);
}
