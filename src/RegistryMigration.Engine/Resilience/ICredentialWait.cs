using RegistryMigration.Model;

namespace RegistryMigration.Engine.Resilience;

/// <summary>What happens when credentials have expired and can't be renewed from here.</summary>
internal interface ICredentialWait
{
    /// <summary>Waits for somebody to renew them. True: try again. False: the failure is another one, or the wait is over.</summary>
    ValueTask<bool> WaitAsync(StoreException failure, CancellationToken cancellationToken);

    /// <summary>A request succeeded: the next expiry is waited for anew.</summary>
    void Resume();
}
