namespace RegistryMigration.Model;

/// <summary>The storage types that the operator of OpenShift's image registry knows.</summary>
public enum BackendKind
{
    /// <summary>None is configured.</summary>
    None,

    /// <summary><c>emptyDir</c>: images are gone with the pod.</summary>
    EmptyDir,

    /// <summary><c>pvc</c>: a volume behind a claim.</summary>
    Volume,

    /// <summary><c>swift</c>.</summary>
    Swift,

    /// <summary><c>s3</c>.</summary>
    S3,

    /// <summary><c>azure</c>.</summary>
    Azure,

    /// <summary><c>gcs</c>.</summary>
    Gcs,

    /// <summary><c>ibmcos</c>.</summary>
    IbmCos,

    /// <summary><c>oss</c>.</summary>
    Oss,
}
