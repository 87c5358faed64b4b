namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>What happens to one request that passes a <see cref="FaultProxy"/>.</summary>
public abstract record Fault
{
    /// <summary>Answers in the server's place; the server never sees the request.</summary>
    public static Fault Answer(int status, string body = "", params (string Name, string Value)[] headers) => new AnswerFault(status, body, headers);

    /// <summary>Lets the server do its work, throws its answer away and answers this instead.</summary>
    public static Fault ForwardThenAnswer(int status, string body = "", params (string Name, string Value)[] headers) => new AnswerFault(status, body, headers) { Forwards = true };

    /// <summary>Forwards, and changes the body of the answer on its way back; its framing is made to fit.</summary>
    public static Fault Rewrite(Func<string, string> body) => new RewriteFault(body);

    /// <summary>Forwards, and ends the connection in good order after so many bytes of the answer's body.</summary>
    public static Fault CutResponse(long afterBytes) => new CutFault(afterBytes, CutEnd.Close);

    /// <summary>Forwards, and resets the connection after so many bytes of the answer's body.</summary>
    public static Fault ResetResponse(long afterBytes) => new CutFault(afterBytes, CutEnd.Reset);

    /// <summary>Forwards, and keeps silent after so many bytes of the answer's body until the client gives up.</summary>
    public static Fault StallResponse(long afterBytes) => new CutFault(afterBytes, CutEnd.Stall);

    /// <summary>Takes so many bytes of the request's body and resets the connection; the server sees a request that breaks off.</summary>
    public static Fault Reset(long afterRequestBytes = 0) => new ResetFault(afterRequestBytes);

    /// <summary>Takes the request and never answers; the server never sees it.</summary>
    public static Fault Stall() => new StallFault();

    /// <summary>Forwards after a wait.</summary>
    public static Fault Delay(TimeSpan time) => new DelayFault(time);
}

internal sealed record AnswerFault(int Status, string Body, (string Name, string Value)[] Headers) : Fault
{
    public bool Forwards { get; init; }
}

internal sealed record RewriteFault(Func<string, string> Body) : Fault;

internal sealed record CutFault(long AfterBytes, CutEnd End) : Fault;

internal sealed record ResetFault(long AfterRequestBytes) : Fault;

internal sealed record StallFault : Fault;

internal sealed record DelayFault(TimeSpan Time) : Fault;

internal enum CutEnd
{
    Close,
    Reset,
    Stall,
}
