using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace RegistryMigration.Engine.Tests.Stores.FileSystem;

/// <summary>Runs code on a thread without root's rights to files; as another user it simply runs.</summary>
internal static class Unprivileged
{
    private const uint Nobody = 65534;

    public static void Run(Action action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            // Only this thread's, and it ends with it (setfsuid(2)).
            if (Environment.IsPrivilegedProcess)
                _ = SetFileUser(Nobody);
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    [DllImport("libc", EntryPoint = "setfsuid")]
    private static extern int SetFileUser(uint user);
}
