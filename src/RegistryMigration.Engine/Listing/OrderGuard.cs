using RegistryMigration.Model;

namespace RegistryMigration.Engine.Listing;

/// <summary>Refuses a listing that repeats itself or is out of order: a merge over it would copy or delete the wrong things.</summary>
internal static class OrderGuard
{
    /// <summary>Checks one page and returns its last key.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.BrokenListing"/>.</exception>
    public static string? Check(ReadOnlySpan<StoreEntry> page, string? last, string store)
    {
        foreach (ref readonly var entry in page)
        {
            if (last is not null && KeyOrder.Compare(last, entry.Key) >= 0)
            {
                throw new StoreException(StoreErrorKind.BrokenListing, $"The listing of {store} is out of order or repeats itself: '{entry.Key}' came after '{last}'. Nothing is concluded from it; check the server or a proxy in front of it, then run again.")
                {
                    Store = store,
                    Key = entry.Key,
                };
            }

            last = entry.Key;
        }

        return last;
    }
}
