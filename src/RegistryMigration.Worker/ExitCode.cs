namespace RegistryMigration.Worker;

/// <summary>How the program ends; scripts and Jobs rely on the numbers.</summary>
internal enum ExitCode
{
    /// <summary>Everything that was asked for is done.</summary>
    Done = 0,

    /// <summary>Something could not be done; run it again when the cause is gone.</summary>
    Failed = 1,

    /// <summary>The arguments, environment or configuration file make no sense.</summary>
    Usage = 2,

    /// <summary>Finished, and some of the content is broken.</summary>
    Defects = 3,

    /// <summary>Stopped by SIGINT or SIGTERM; run it again to go on. As shells report SIGINT: 128 + 2.</summary>
    Interrupted = 130,
}
