import { useCase } from '../kernel/use-case.ts';
import { FriendReader, type RequestFilter } from './friend-reader.ts';

export type ListRequests = RequestFilter & Readonly<{ limit: number; cursor?: string | undefined }>;

export const listRequests = useCase({
  name: 'friends.listRequests',
  deps: { reader: FriendReader },
  run: ({ reader }, { direction, status, limit, cursor }: ListRequests, { account, actor }) =>
    reader.listRequests(account, actor.userId, { direction, status }, { limit, cursor }),
});
