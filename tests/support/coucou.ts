import { catalogueOf } from '@coucou/server/composition/catalogue';
import { features } from '@coucou/server/composition/features';

/** What the server's own features are made of. */
export const coreCatalogue = catalogueOf(features);
